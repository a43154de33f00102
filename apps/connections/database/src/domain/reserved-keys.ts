/** Keys that the wire contract's cache may not touch: ours, and those of tasks that share a Redis with the cache. */

/** `cs:…`, `…:task:…` and `…:import:…:tasks`, whatever stands for the dots, line ends and nothing included. */
export function isReservedKey(key: string): boolean {
  return key.startsWith('cs:') || key.includes(':task:') || /:import:.*:tasks$/s.test(key);
}
