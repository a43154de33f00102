/** Single commands to a Redis server without a client library, whose healing and queues would be in the way. */
import { connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

/**
 * Sends each command after the reply to the one before; resolves with the last reply, an array one as it came. Of the
 * URL it takes host, port, user and password, not the database.
 */
export async function redisCommands(
  address: string,
  ...commands: readonly (readonly string[])[]
): Promise<string> {
  const url = new URL(address);
  const target = { host: url.hostname, port: Number(url.port || 6379), servername: url.hostname };
  const socket = url.protocol === 'rediss:' ? connectSecurely(target) : connect(target);
  socket.setTimeout(2_000, () => socket.destroy(new Error(`no Redis answers at ${url.host}`)));
  try {
    const replies = socket.setEncoding('latin1')[Symbol.asyncIterator]() as AsyncIterator<string>;
    let reply = '';
    for (const command of [...login(url), ...commands]) {
      socket.write(encoded(command));
      reply = await nextReply(replies);
    }
    return reply;
  } finally {
    socket.destroy();
  }
}

function login({ username, password }: URL): string[][] {
  if (password === '') return [];
  return [['AUTH', ...(username === '' ? [] : [username]), password].map(decodeURIComponent)];
}

function encoded(command: readonly string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${command.length}\r\n${parts.join('')}`;
}

async function nextReply(chunks: AsyncIterator<string>): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = await chunks.next();
    if (chunk.done) throw new Error('the connection was closed');
    text += chunk.value;
    const end = text.indexOf('\r\n');
    if (end < 0) continue;
    const head = text.slice(1, end);
    if (text[0] === '-') throw new Error(head);
    if (text[0] === '*') return text;
    if (text[0] !== '$' || head === '-1') return head;
    const body = text.slice(end + 2);
    if (body.length >= Number(head) + 2) return body.slice(0, Number(head));
  }
}
