/** The life of a process: one clear line when it cannot start, a drain when it is told to stop, an exit code for each. */
import { isStatusError } from '@connections/grpc';
import { createLog, type Log, type LogFields } from '../log.ts';
import { SettingsError } from '../settings/settings-error.ts';

export interface RunningProcess {
  readonly log: Log;
  /** Another reason to stop than a signal. @default none */
  readonly launcherGone?: Promise<void>;
  stop(): Promise<void>;
}

const exitCodes = { stopped: 0, failed: 1, badSettings: 2, interrupted: 130, terminated: 143 } as const;

/**
 * Runs `start`, then waits for SIGTERM or SIGINT and stops what was started. A second signal ends the process at
 * once. Never resolves: it ends the process.
 */
export async function runProcess(start: () => Promise<RunningProcess>): Promise<void> {
  let log: Log | undefined;
  const crash = (error: unknown, what: string): never => {
    (log ?? createLog()).error({ err: error }, what);
    process.exit(exitCodes.failed);
  };
  process.on('uncaughtException', (error) => crash(error, 'uncaught exception'));
  process.on('unhandledRejection', (error) => crash(error, 'unhandled rejection'));
  // Who reads the log may be gone before the process has stopped in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const told = firstSignal();
  try {
    const running = await start();
    log = running.log;
    const { launcherGone } = running;
    log.info(
      await Promise.race(launcherGone ? [told, launcherGone.then(() => orphaned)] : [told]),
      'stopping',
    );
    await running.stop();
    log.info({}, 'stopped');
  } catch (error) {
    if (log) crash(error, 'cannot stop in order');
    process.exit(reportFailedStart(error));
  }
  process.exit(exitCodes.stopped);
}

// One Ctrl-C under npm comes twice: from the terminal, and passed on by npm (measured: 1 to 2 ms apart).
const echoMs = 250;

const orphaned: LogFields = { reason: 'LAUNCHER_GONE' };

function firstSignal(): Promise<LogFields> {
  return new Promise((resolve) => {
    let toldAt: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        toldAt ??= performance.now();
        if (performance.now() - toldAt > echoMs) {
          process.exit(signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated);
        }
        resolve({ signal });
      });
    }
  });
}

/** One line for each thing that the operator can mend; a stack only for what is our defect. */
function reportFailedStart(error: unknown): number {
  if (error instanceof SettingsError) {
    for (const line of error.message.split('\n')) console.error(line);
    return exitCodes.badSettings;
  }
  if (isStatusError(error) || isSystemError(error)) console.error(`Cannot start: ${error.message}`);
  else createLog().error({ err: error }, 'cannot start');
  return exitCodes.failed;
}

// Codes such as ERR_INVALID_ARG_TYPE are Node's for mistakes in a program.
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && !code.startsWith('ERR_');
}
