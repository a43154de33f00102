/** Asks services whether they serve, by the standard health protocol. */
import { setTimeout } from 'node:timers/promises';
import { createClient, isStatusError } from '@connections/grpc';
import {
  cacheService,
  healthService,
  messagingService,
  schemaService,
  taskService,
  wireDatabaseService,
  wireMessagingService,
} from '@connections/proto-utils';
import { HealthCheckResponse_ServingStatus as ServingStatus } from '@connections/proto-utils/health';
import { LateError, type ServiceTarget, UnreachableError, withChannel } from './service-target.ts';

export interface HealthQuestion {
  readonly target: ServiceTarget;
  /** Full name of a gRPC service; empty for the server as a whole. */
  readonly service: string;
}

export interface HealthAnswer extends HealthQuestion {
  readonly status: 'SERVING' | 'NOT_SERVING' | 'UNKNOWN' | 'UNREACHABLE' | 'NO_ANSWER' | 'FAILED';
  /** From before the connection is made until the answer is there. */
  readonly latencyMs: number;
  readonly problem?: string;
}

const pollMs = 200;

interface AskOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const grpcServices = {
  database: [cacheService, schemaService, taskService, wireDatabaseService],
  messaging: [messagingService, wireMessagingService],
} as const;

/** The full names of the gRPC services that each of the two services answers for. */
export function servicesOf(name: ServiceTarget['name']): string[] {
  return grpcServices[name].map(({ fullName }) => fullName);
}

/** What goes wrong is an answer too: it rejects only when it is told to stop. */
export async function askHealth(question: HealthQuestion, options: AskOptions): Promise<HealthAnswer> {
  const { target, service } = question;
  const askedAt = performance.now();
  const answer = (status: HealthAnswer['status'], problem?: string): HealthAnswer => ({
    ...question,
    status,
    latencyMs: Math.round((performance.now() - askedAt) * 10) / 10,
    ...(problem === undefined ? {} : { problem }),
  });
  try {
    const { status } = await withChannel(target, (channel) =>
      createClient(healthService, channel).check({ service }, options),
    );
    if (status === ServingStatus.SERVING) return answer('SERVING');
    return answer(status === ServingStatus.NOT_SERVING ? 'NOT_SERVING' : 'UNKNOWN');
  } catch (error) {
    if (error instanceof LateError) return answer('NO_ANSWER');
    if (error instanceof UnreachableError) return answer('UNREACHABLE', error.message);
    if (options.signal.aborted || !isStatusError(error)) throw error;
    const isUnknown = error.status === 'NOT_FOUND' || error.status === 'UNIMPLEMENTED';
    return answer(isUnknown ? 'UNKNOWN' : 'FAILED', `${error.message} (${error.status})`);
  }
}

/** Asks all of them again and again until each serves or the time is over; once where there is no time. */
export async function awaitHealth(
  questions: readonly HealthQuestion[],
  waitMs: number,
  { timeoutMs, signal }: AskOptions,
): Promise<HealthAnswer[]> {
  const end = performance.now() + waitMs;
  for (;;) {
    const leftMs = Math.max(pollMs, end - performance.now());
    const options = { signal, timeoutMs: waitMs > 0 ? Math.min(timeoutMs, leftMs) : timeoutMs };
    const answers = await Promise.all(questions.map((question) => askHealth(question, options)));
    const healthy = answers.every(({ status }) => status === 'SERVING');
    if (healthy || performance.now() + pollMs > end) return answers;
    await setTimeout(pollMs, undefined, { signal });
  }
}
