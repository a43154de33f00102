/** The methods that a server offers, by their paths. */
import type { Handlers } from '../handler.ts';
import { chain, type Interceptor } from '../interceptor.ts';
import type { ServiceDefinition } from '../method.ts';
import { type ServeMethod, serveMethod } from './serve-method.ts';

export interface OfferedMethod {
  /** As it was added: what is looked up by it for every call is found by identity. */
  readonly path: string;
  readonly serve: ServeMethod;
}

export class MethodTable {
  readonly #around: Interceptor;
  readonly #maxResponseBytes: number;
  readonly #methods = new Map<string, OfferedMethod>();
  #closed = false;

  constructor(interceptors: readonly Interceptor[], maxResponseBytes: number) {
    this.#around = chain(interceptors);
    this.#maxResponseBytes = maxResponseBytes;
  }

  /** Throws when the server listens already, when a handler is missing and when a method has one already. */
  add<Service extends ServiceDefinition>(service: Service, handlers: Handlers<Service>): void {
    if (this.#closed) throw new Error('services are added before the server listens');
    for (const [name, method] of Object.entries(service.methods)) {
      const handler: unknown = Reflect.get(handlers, name);
      if (typeof handler !== 'function') throw new TypeError(`${method.path} has no handler`);
      if (this.#methods.has(method.path)) throw new Error(`${method.path} has a handler already`);
      const serve = serveMethod(method, handler.bind(handlers), this.#around, this.#maxResponseBytes);
      this.#methods.set(method.path, { path: method.path, serve });
    }
  }

  get(path: string): OfferedMethod | undefined {
    return this.#methods.get(path);
  }

  /** From now on nothing can be added. */
  close(): Iterable<string> {
    this.#closed = true;
    return this.#methods.keys();
  }
}
