/** Gives servers new certificates when their files have changed. */
import { isDeepStrictEqual } from 'node:util';
import type { Server, ServerTls } from '@connections/grpc';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

export interface TlsReloadOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** What the servers have begun with. */
  readonly current: ServerTls;
  /** Throws where the files do not fit each other. */
  readonly read: () => ServerTls | undefined;
  readonly servers: () => readonly Pick<Server, 'reloadTls'>[];
}

export const tlsPollMs = 10_000;

/**
 * The files are read every 10 s: whoever renews them seldom signals the process, and a link of a mounted secret is
 * exchanged without a change of the file. What does not fit, as in the midst of a renewal, is not taken: it is warned of
 * once, and connections get the certificate that was there. Disposing ends it.
 */
export function reloadTls({ clock, log, current, read, servers }: TlsReloadOptions): Disposable {
  let [taken, warned] = [current, ''];
  const look = (): void => {
    try {
      const now = read();
      if (now && !isDeepStrictEqual(now, taken)) {
        for (const server of servers()) server.reloadTls(now);
        taken = now;
        log.info({}, 'the certificate of the gRPC ports was reloaded');
      }
      warned = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== warned) log.warn({ err: error }, 'the new certificate of the gRPC ports was not taken');
      warned = message;
    }
    timer = clock.after(tlsPollMs, look);
  };
  let timer = clock.after(tlsPollMs, look);
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
