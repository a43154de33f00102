/** The HTTP port beside a gRPC server, for orchestrators and Prometheus: /healthz, /readyz, /metrics. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readiness } from '../health/readiness.ts';
import { expositionType } from '../metrics/exposition.ts';

export interface SidePortOptions {
  readonly readiness: () => Readiness;
  readonly metricsText: () => Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly allow?: string;
}

/** Further connections are closed unheard. Each lives as long as one request. */
const maxConnections = 64;
/** For a whole request, from the connection on. */
const requestMs = 5_000;
/** Nothing moved for so long: the client does not read its answer. */
const idleMs = 10_000;
const maxHeaderBytes = 8_192;

const text = 'text/plain; charset=utf-8';
const json = 'application/json; charset=utf-8';

export class SidePort {
  readonly #options: SidePortOptions;
  readonly #server: Server;
  /** One scrape at a time: further ones get what it finds. */
  #scrape: Promise<string> | undefined;

  constructor(options: SidePortOptions) {
    this.#options = options;
    this.#server = createServer({
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: 1_000,
    });
    this.#server.maxConnections = maxConnections;
    this.#server.setTimeout(idleMs);
    this.#server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** Resolves with the bound port. Rejects with the error of the system. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      // Stays: an error of a later accept, such as EMFILE, costs that connection only.
      this.#server.on('error', reject);
      this.#server.listen(port, host, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  /** Closes at once, whatever clients do. Idempotent. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body, allow } = await this.#answer(request);
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      connection: 'close',
      ...(allow !== undefined && { allow }),
    });
    response.end(request.method === 'HEAD' ? '' : body);
  }

  async #answer({ method, url = '' }: IncomingMessage): Promise<Answer> {
    const [path = ''] = url.split('?', 1);
    const answer = this.#paths.get(path);
    if (!answer) {
      const body = `there is ${[...this.#paths.keys()].join(', ')} here\n`;
      return { status: 404, type: text, body };
    }
    if (method !== 'GET' && method !== 'HEAD') {
      return { status: 405, type: text, body: 'GET and HEAD only\n', allow: 'GET, HEAD' };
    }
    return answer();
  }

  readonly #paths = new Map<string, () => Answer | Promise<Answer>>([
    ['/healthz', () => ({ status: 200, type: json, body: jsonText({ alive: true }) })],
    [
      '/readyz',
      () => {
        const readiness = this.#options.readiness();
        return { status: readiness.ready ? 200 : 503, type: json, body: jsonText(readiness) };
      },
    ],
    ['/metrics', async () => ({ status: 200, type: expositionType, body: await this.#metricsText() })],
  ]);

  #metricsText(): Promise<string> {
    this.#scrape ??= this.#options.metricsText().finally(() => {
      this.#scrape = undefined;
    });
    return this.#scrape;
  }
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
