/** Makes one call the slow and certain way: generators count replies, and a failed one counts as well as another. */
import { connect } from 'node:http2';
import { framed, type LoadTarget } from './load-target.ts';

const timeoutMs = 10_000;

/** The message of the reply. Rejects unless its status is OK and it is one whole message. */
export async function checkedReply({ address, path, requests }: LoadTarget): Promise<Uint8Array> {
  const session = connect(`http://${address}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  try {
    return await new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status: unknown;
      const note = (headers: Readonly<Record<string, unknown>>) => {
        status = headers['grpc-status'] ?? status;
      };
      session.on('error', reject);
      stream.on('error', reject).on('response', note).on('trailers', note);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const body = Buffer.concat(chunks);
        const whole = body.length >= 5 && body.readUInt32BE(1) === body.length - 5;
        if (status === '0' && whole) resolve(new Uint8Array(body.subarray(5)));
        else reject(new Error(`${path} answered status ${status} and ${body.length} bytes`));
      });
      stream.setTimeout(timeoutMs, () => reject(new Error(`${path} did not answer`)));
      stream.end(framed(requests[0] ?? new Uint8Array()));
    });
  } finally {
    session.destroy();
  }
}
