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
  /** It takes calls, and cannot answer all of them, or not with all that they are promised. */
  readonly degraded: boolean;
  readonly reason: string;
  readonly ports: readonly {
    readonly port: string;
    readonly answers: boolean;
    /** ISO 8601. */
    readonly since: string;
    readonly reason?: string;
    /** What its store lacks though it answers. */
    readonly concerns?: readonly string[];
    /** What a store of this kind does not promise. */
    readonly notices?: readonly string[];
  }[];
}

/** Whether a port does not do all that it should. */
export function isImpaired({ answers, concerns }: PortState): boolean {
  return !answers || concerns.length > 0;
}

export function readinessOf({ serving, draining, ports }: ReadinessFacts): Readiness {
  return {
    ready: serving,
    degraded: serving && ports.some(isImpaired),
    reason: reasonOf({ serving, draining, ports }),
    ports: ports.map(({ port, answers, since, reason, concerns, notices }) => ({
      port,
      answers,
      since: new Date(since).toISOString(),
      ...(reason !== undefined && { reason }),
      ...(concerns.length > 0 && { concerns }),
      ...(notices.length > 0 && { notices }),
    })),
  };
}

function reasonOf({ serving, draining, ports }: ReadinessFacts): string {
  if (draining) return 'stopping: open calls may end, new ones are refused';
  const troubles = ports.filter(isImpaired).flatMap(troublesOf).join('; ');
  if (serving) return troubles ? `degraded: ${troubles}` : 'serving';
  return troubles || 'starting: the stores have not answered yet';
}

function troublesOf({ port, answers, since, reason, concerns }: PortState): string[] {
  if (answers) return concerns.map((concern) => `the ${port} store: ${concern}`);
  return [`the ${port} store does not answer since ${new Date(since).toISOString()}: ${reason}`];
}
