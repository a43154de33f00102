/** The five bytes before every message: whether it is compressed, and its length. */

export const prefixBytes = 5;

const shared = new Uint8Array(prefixBytes);

/** The same bytes at every call: to be copied before the next. */
export function messagePrefix(length: number, compressed: boolean): Uint8Array {
  shared[0] = compressed ? 1 : 0;
  shared[1] = length >>> 24;
  shared[2] = length >>> 16;
  shared[3] = length >>> 8;
  shared[4] = length;
  return shared;
}
