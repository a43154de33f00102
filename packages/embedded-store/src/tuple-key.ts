/** Keys made of parts, ordered part by part: text in the order of its UTF-8 bytes, numbers by value. */

const encoder = new TextEncoder();

/**
 * Encodes parts as one key. Text must not hold U+0000, which ends it here; numbers are integers of 0..2^53-1.
 * A key is never a prefix of another with the same shape of parts.
 */
export function tupleKey(...parts: readonly (string | number)[]): Uint8Array {
  const chunks = parts.map((part) =>
    typeof part === 'number' ? numberBytes(part) : encoder.encode(`${part}\0`),
  );
  return Buffer.concat(chunks);
}

/** The range of all keys that start with these parts, and, when given, whose next text part starts with `prefix`. */
export function tupleRange(
  parts: readonly (string | number)[],
  prefix = '',
): { start: Uint8Array; end: Uint8Array } {
  const start = Buffer.concat([tupleKey(...parts), encoder.encode(prefix)]);
  return { start, end: successor(start) };
}

/** The least key that is greater than every key starting with these bytes. */
export function successor(bytes: Uint8Array): Uint8Array {
  const end = Buffer.from(bytes);
  for (let index = end.length - 1; index >= 0; index--) {
    const byte = end[index] ?? 0;
    if (byte < 0xff) {
      end[index] = byte + 1;
      return end.subarray(0, index + 1);
    }
  }
  return Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
}

function numberBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
