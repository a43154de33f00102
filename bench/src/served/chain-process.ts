/** What stands around calls, around a handler that does nothing, without a transport. */
import { anonymous, type Call, CallEnding, Metadata } from '@connections/grpc';
import { cacheService } from '@connections/proto-utils';
import { inStages } from '@connections/runtime/host';
import { answerParent } from '../child/answer-parent.ts';
import type { LoadResult } from '../load/load-target.ts';
import { servedStages } from './served-stages.ts';

export type ChainQuestion =
  | { readonly ask: 'names' }
  | { readonly ask: 'run'; readonly names: readonly string[]; readonly calls: number };

export type ChainAnswer = { readonly names: readonly string[] } | LoadResult;

const inFlight = 64;
const method = cacheService.methods.get.path;
const stages = servedStages({
  services: [cacheService],
  scopes: new Map([[method, 'cache:read']]),
});
const ending = new CallEnding();
const { signal } = ending;
const peer = { address: '127.0.0.1:1', loopback: true, secure: false };
const metadata = new Metadata();

answerParent<ChainQuestion, ChainAnswer>(async (question) => {
  if (question.ask === 'names') return { names: stages.map(({ name }) => name) };
  const { names, calls } = question;
  const around = inStages(stages.filter(({ name }) => names.includes(name)).map(({ stage }) => stage));
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
    headers: metadata,
    trailers: metadata,
    deadline: undefined,
    signal,
    ending,
    peer,
    abort() {},
    principal: anonymous,
  };
}
