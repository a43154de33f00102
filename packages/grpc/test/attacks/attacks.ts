/** Every attack on a server of HTTP/2 that is known to us, and on a client. */
import type { Attack } from './attack.ts';
import { frameAttacks } from './frame-attacks.ts';
import { headerAttacks } from './header-attacks.ts';
import { hostileServers } from './hostile-servers.ts';

export const attacks: readonly Attack[] = [...frameAttacks, ...headerAttacks, ...hostileServers];
