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
  // Not async, as nothing is awaited: every call would pay for one more promise.
  return (call, proceed) => {
    const scope = scopes.get(call.method);
    if (scope === undefined || (authentication && !call.principal.scopes.includes(scope))) {
      const { principal, method } = call;
      return Promise.reject(failure('PERMISSION_DENIED', { principal: principal.name, method }));
    }
    return proceed();
  };
}
