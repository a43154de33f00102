/** What a port's call is told of its end: nothing of the runtime but this is known to ports. */
export type { Ending } from '@connections/runtime';
