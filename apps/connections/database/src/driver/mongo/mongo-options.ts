/** How we set up the MongoDB driver: bounds on everything that it would wait for without end. */
import type { CollectionOptions, MongoClientOptions } from 'mongodb';

/**
 * For each, what the URL says goes first. `timeoutMS` has no effect in driver 7.9, so every call brings its signal;
 * these bound what no signal reaches: the monitor, the handshakes, and the second try of an operation.
 */
const defaults = {
  appName: 'connections-database',
  // A monitor that has lost its server looks again after 500 ms at the soonest.
  serverSelectionTimeoutMS: 1_000,
  // Also what the monitor waits for an answer: a busy server must not be taken for one that is gone.
  connectTimeoutMS: 1_500,
  // With the handshakes that selection asks for, at least 500 ms apart, at most two attempts to connect in a second.
  heartbeatFrequencyMS: 1_000,
  waitQueueTimeoutMS: 5_000,
  maxPoolSize: 32,
  maxIdleTimeMS: 300_000,
} satisfies MongoClientOptions;

/**
 * Reads see what a majority has, writes are acknowledged when a majority has them in its journal; the primary alone is
 * asked, so that a read is as new as every write before it. A URL that says otherwise cannot weaken what we promise.
 */
export const collectionOptions = {
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
} satisfies CollectionOptions;

export function clientOptions(url: string): MongoClientOptions {
  const given = new Set(
    [...new URLSearchParams(url.split('?')[1] ?? '').keys()].map((key) => key.toLowerCase()),
  );
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !given.has(name.toLowerCase())));
}

/** The driver heeds the signal of every operation, while its types know of it for reads alone. */
export function abortable<Options extends object>(options: Options, signal: AbortSignal): Options {
  return { ...options, signal };
}
