/**
 * The healthcheck of the images: asks /readyz on the port that each named variable holds. Nothing but Node.js is loaded: it
 * starts every few seconds.
 */
import { get } from 'node:http';

const timeoutMs = 2_000;

for (const variable of process.argv.slice(2)) {
  const port = process.env[variable];
  const fail = (why) => {
    console.log(`port ${port} (${variable}): ${why}`);
    process.exit(1);
  };
  const request = get({ host: '127.0.0.1', port, path: '/readyz', timeout: timeoutMs }, async (response) => {
    let body = '';
    for await (const part of response.setEncoding('utf8')) body += part;
    if (response.statusCode !== 200) fail(body.trim());
  });
  request.on('timeout', () => fail('no answer'));
  request.on('error', (error) => fail(error.message));
}
