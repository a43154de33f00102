/** Why an address cannot be listened on, in one line that names the variable to change. */
import type { ListenAddress } from '../composed-service.ts';
import { findPortHolder } from './port-holder.ts';
import { StartError } from './start-error.ts';

/** The same error where there is nothing better to say. */
export function listenError(error: unknown, { host, port, portVariable }: ListenAddress): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    const holder = findPortHolder(port);
    const by = holder ? ` by process ${holder.pid} (${holder.command})` : '';
    return new StartError(
      code,
      `port ${port} is in use${by}: stop it, or set ${portVariable} to another port`,
    );
  }
  if (code === 'EACCES') {
    return new StartError(code, `port ${port} needs more rights: set ${portVariable} to a port above 1023`);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartError(
      code,
      `${host} is no address of this machine: set ${portVariable.replace(/PORT$/, 'HOST')}`,
    );
  }
  return error;
}
