/** The standard reflection service, of both its versions: tells tools what a server serves and how its messages look. */
import type { Handlers } from '@connections/grpc';
import { reflectionAlphaService, reflectionService } from '@connections/proto-utils';
import type { ServerReflectionRequest, ServerReflectionResponse } from '@connections/proto-utils/reflection';
import type { DescriptorIndex } from './descriptor-index.ts';
import { answerReflection } from './reflection-answer.ts';

/** The scope that a caller needs, by the path of the rpc. */
export const reflectionScopes: ReadonlyMap<string, string> = new Map(
  [reflectionService, reflectionAlphaService].map(({ methods }) => [
    methods.serverReflectionInfo.path,
    'reflection.read',
  ]),
);

export class Reflection {
  readonly #services: ReadonlySet<string>;
  readonly #open = new Set<AsyncIterator<ServerReflectionRequest>>();
  #draining = false;
  #index: Promise<DescriptorIndex> | undefined;

  /** @param services full names of what the server serves; read at the first call, when all are mounted. */
  constructor(services: ReadonlySet<string>) {
    this.#services = services;
  }

  readonly handlers: Handlers<typeof reflectionService> = {
    serverReflectionInfo: (requests) => this.#answers(requests),
  };

  /** Ends the open streams, which tools may keep for as long as they run. */
  drain(): void {
    this.#draining = true;
    for (const requests of this.#open) void requests.return?.();
  }

  async *#answers(requests: AsyncIterable<ServerReflectionRequest>): AsyncIterable<ServerReflectionResponse> {
    const iterator = requests[Symbol.asyncIterator]();
    this.#open.add(iterator);
    try {
      const index = await this.#loadIndex();
      const sent = new Set<string>();
      while (!this.#draining) {
        const { done, value } = await iterator.next();
        if (done) return;
        yield answerReflection(value, { index, sent });
      }
    } finally {
      this.#open.delete(iterator);
    }
  }

  /** At the first call, because it costs a start tens of milliseconds and most processes are never asked. */
  #loadIndex(): Promise<DescriptorIndex> {
    this.#index ??= import('./descriptor-index.ts').then(
      (module) => new module.DescriptorIndex([...this.#services].sort()),
    );
    return this.#index;
  }
}
