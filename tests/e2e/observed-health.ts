/** What an operator sees of a service: its readiness, its metrics and the standard health service. */
import assert from 'node:assert/strict';
import { createClient } from '@connections/grpc';
import { healthService } from '@connections/proto-utils';
import type { HealthCheckResponse_ServingStatus as Status } from '@connections/proto-utils/health';
import { eventually, openTestChannel } from '@connections/testing';
import type { StandaloneProcess } from './standalone-process.ts';

export interface Ready {
  readonly status: number;
  readonly degraded: boolean;
  readonly reason: string;
}

export async function readyOf({ databaseHttp }: Pick<StandaloneProcess, 'databaseHttp'>): Promise<Ready> {
  const response = await fetch(`${databaseHttp}/readyz`);
  return { status: response.status, ...((await response.json()) as Omit<Ready, 'status'>) };
}

/** A store that is there or away is noticed within seconds. */
export async function becomes(
  service: Pick<StandaloneProcess, 'databaseHttp'>,
  status: number,
  reason: RegExp,
): Promise<void> {
  await eventually(async () => {
    const ready = await readyOf(service);
    assert.match(ready.reason, reason);
    assert.equal(ready.status, status);
  }, 10_000);
}

export async function gauge(
  { databaseHttp }: Pick<StandaloneProcess, 'databaseHttp'>,
  series: string,
): Promise<string | undefined> {
  const text = await (await fetch(`${databaseHttp}/metrics`)).text();
  return text
    .split('\n')
    .find((line) => line.startsWith(`${series} `))
    ?.slice(series.length + 1);
}

export async function healthOf({
  databaseAddress,
}: Pick<StandaloneProcess, 'databaseAddress'>): Promise<Status> {
  const channel = openTestChannel(databaseAddress);
  const { status } = await createClient(healthService, channel).check({});
  channel.close();
  return status;
}
