/** Lets a call through when its principal has the scope of the rpc. */
import type { Interceptor } from '@connections/grpc';
import { failure } from '../errors/failure.ts';

export interface AuthorizationOptions {
  /** Scope by path of the rpc; an rpc without a row is refused whoever calls. */
  readonly scopes: ReadonlyMap<string, string>;
  /** Whether callers authenticate; while they do not, every scope is granted. */
  readonly authentication: boolean;
}

export function authorizationInterceptor({ scopes, authentication }: AuthorizationOptions): Interceptor {
  return async (call, proceed) => {
    const scope = scopes.get(call.method);
    if (scope === undefined || (authentication && !call.principal.scopes.includes(scope))) {
      throw failure('PERMISSION_DENIED', { principal: call.principal.name, method: call.method });
    }
    await proceed();
  };
}
