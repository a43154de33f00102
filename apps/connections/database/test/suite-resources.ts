/** What a suite opens before its tests and closes after them. */
import { after, before } from 'node:test';

/** Closes it after the suite, before what was kept earlier. */
export type Keep = <Opened extends AsyncDisposable>(opened: Opened) => Opened;

/** For the suite that it is called in. */
export function forSuite<T>(open: (keep: Keep) => Promise<T>): () => T {
  const kept: AsyncDisposable[] = [];
  let opened: { readonly value: T } | undefined;
  before(async () => {
    const value = await open((each) => {
      kept.unshift(each);
      return each;
    });
    opened = { value };
  });
  after(async () => {
    for (const each of kept) await each[Symbol.asyncDispose]();
  });
  return () => {
    if (!opened) throw new Error('not started');
    return opened.value;
  };
}
