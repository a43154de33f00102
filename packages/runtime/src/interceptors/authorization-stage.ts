/** Lets a call through when its principal has the scope of the rpc. */
import { failure } from '../errors/failure.ts';
import type { CallStage } from './call-stages.ts';

export interface AuthorizationOptions {
  /** Scope by path of the rpc; an rpc without a row is refused whoever calls. */
  readonly scopes: ReadonlyMap<string, string>;
  /** Whether callers authenticate; while they do not, every scope is granted. */
  readonly authentication: boolean;
}

export function authorizationStage({ scopes, authentication }: AuthorizationOptions): CallStage {
  return {
    begin({ call: { method, principal } }) {
      const scope = scopes.get(method);
      if (scope === undefined || (authentication && !principal.scopes.includes(scope))) {
        throw failure('PERMISSION_DENIED', { principal: principal.name, method });
      }
    },
  };
}
