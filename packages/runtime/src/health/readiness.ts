/** Whether a service takes calls, and if not why, in words. */
import type { PortState } from './health-probe.ts';

export interface ReadinessFacts {
  /** As the standard health service says. */
  readonly serving: boolean;
  readonly draining: boolean;
  /** Nothing before the first answer. */
  readonly ports: readonly PortState[];
}

export interface Readiness {
  readonly ready: boolean;
  readonly reason: string;
  readonly ports: readonly {
    readonly port: string;
    readonly answers: boolean;
    /** ISO 8601. */
    readonly since: string;
    readonly reason?: string;
  }[];
}

export function readinessOf({ serving, draining, ports }: ReadinessFacts): Readiness {
  return {
    ready: serving,
    reason: reasonOf({ serving, draining, ports }),
    ports: ports.map(({ port, answers, since, reason }) => ({
      port,
      answers,
      since: new Date(since).toISOString(),
      ...(reason !== undefined && { reason }),
    })),
  };
}

function reasonOf({ serving, draining, ports }: ReadinessFacts): string {
  if (draining) return 'stopping: open calls may end, new ones are refused';
  if (serving) return 'serving';
  const away = ports.filter(({ answers }) => !answers);
  if (away.length === 0) return 'starting: the stores have not answered yet';
  return away
    .map(({ port, since, reason }) => {
      return `the ${port} store does not answer since ${new Date(since).toISOString()}: ${reason}`;
    })
    .join('; ');
}
