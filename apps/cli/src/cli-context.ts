/** What main.ts gives to the commands. */
import type { Environment } from '@connections/runtime';
import type { EnvironmentLayer } from '@connections/runtime/environment';
import type { Terminal } from './terminal.ts';

export interface CliContext {
  readonly terminal: Terminal;
  /** What `terminal.env` is made of, the weakest first. */
  readonly layers: readonly EnvironmentLayer[];
  /**
   * Runs both services in this process until it is told to stop; it ends the process. `explain` completes the line that
   * says why they cannot start.
   */
  readonly serve: (env: Environment, explain: (message: string) => string) => Promise<void>;
}
