/** What several servers serve, together: where each method is found, by its name. */
import type { DescMethod, DescService, Registry } from '@bufbuild/protobuf';
import type { CallTarget } from '../service-target.ts';
import type { ReflectedTarget } from './call-targets.ts';
import type { Described } from './proto-text.ts';

export interface ServedService {
  readonly service: DescService;
  readonly registry: Registry;
  /** Those that serve it, the one to ask first. */
  readonly targets: readonly [CallTarget, ...CallTarget[]];
}

export interface ServedMethod extends ServedService {
  readonly method: DescMethod;
}

export class ServiceCatalogue {
  /** By the full name, in order. */
  readonly #services: ReadonlyMap<string, ServedService>;
  readonly #registries: readonly Registry[];

  constructor(reflected: readonly ReflectedTarget[]) {
    const services = new Map<string, ServedService>();
    for (const { target, services: served, registry } of reflected) {
      for (const service of served) {
        const known = services.get(service.typeName);
        if (known) services.set(service.typeName, { ...known, targets: [...known.targets, target] });
        else services.set(service.typeName, { service, registry, targets: [target] });
      }
    }
    this.#services = new Map([...services].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#registries = reflected.map(({ registry }) => registry);
  }

  service(name: string): ServedService | undefined {
    return this.#services.get(name);
  }

  /** @param name `package.Service/Method`, or with a dot in the place of the slash. */
  method(name: string): ServedMethod | undefined {
    const cut = Math.max(name.lastIndexOf('/'), name.lastIndexOf('.'));
    const served = this.#services.get(name.slice(0, Math.max(cut, 0)));
    const method = served?.service.methods.find((each) => each.name === name.slice(cut + 1));
    return served && method && { ...served, method };
  }

  /** A message or an enum. */
  type(name: string): Described | undefined {
    for (const registry of this.#registries) {
      const type = registry.getMessage(name) ?? registry.getEnum(name);
      if (type) return type;
    }
    return undefined;
  }

  get methods(): ServedMethod[] {
    return [...this.#services.values()].flatMap((served) =>
      served.service.methods.map((method) => ({ ...served, method })),
    );
  }

  get serviceNames(): string[] {
    return [...this.#services.keys()];
  }

  get typeNames(): string[] {
    const names = this.#registries.flatMap((registry) =>
      [...registry].flatMap(({ kind, typeName }) => (kind === 'message' || kind === 'enum' ? typeName : [])),
    );
    return [...new Set(names)];
  }
}

/** `package.Service/Method`. */
export function methodName({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}
