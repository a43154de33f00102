export { type Clock, systemClock } from './clock.ts';
export { limits } from './limits.ts';
