/** Interceptors around a handler that does nothing, without a transport. */
import { anonymous, type Call, chain, Metadata } from '@connections/grpc';
import { cacheService } from '@connections/proto-utils';
import { answerParent } from '../child/answer-parent.ts';
import type { LoadResult } from '../load/load-target.ts';
import { servedInterceptors } from './served-interceptors.ts';

export type ChainQuestion =
  | { readonly ask: 'names' }
  | { readonly ask: 'run'; readonly names: readonly string[]; readonly calls: number };

export type ChainAnswer = { readonly names: readonly string[] } | LoadResult;

const inFlight = 64;
const method = cacheService.methods.get.path;
const interceptors = servedInterceptors({
  services: [cacheService],
  scopes: new Map([[method, 'cache:read']]),
});
const { signal } = new AbortController();
const peer = { address: '127.0.0.1:1', loopback: true, secure: false };
const metadata = new Metadata();

answerParent<ChainQuestion, ChainAnswer>(async (question) => {
  if (question.ask === 'names') return { names: interceptors.map(({ name }) => name) };
  const { names, calls } = question;
  const around = chain(
    interceptors.filter(({ name }) => names.includes(name)).map(({ interceptor }) => interceptor),
  );
  const begin = performance.now();
  for (let done = 0; done < calls; done += inFlight) {
    await Promise.all(Array.from({ length: inFlight }, () => around(newCall(), answer)));
  }
  return { calls, elapsedMs: performance.now() - begin };
});

async function answer(): Promise<void> {}

function newCall(): Call {
  return {
    method,
    metadata,
    trailers: metadata,
    deadline: undefined,
    signal,
    peer,
    abort() {},
    principal: anonymous,
  };
}
