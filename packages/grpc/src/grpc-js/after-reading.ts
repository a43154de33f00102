/** Puts off what is to be sent until the event loop has read what there was to read. */

const waiting: (() => void)[] = [];

/**
 * What node:http2 is given while it reads, it writes to the socket at once: one system call for each answer. Given after it,
 * the answers of one turn of the loop leave in one write for each connection. `send` must not throw.
 */
export function afterReading(send: () => void): void {
  waiting.push(send);
  if (waiting.length === 1) setImmediate(sendAll);
}

function sendAll(): void {
  for (const send of waiting.splice(0)) send();
}
