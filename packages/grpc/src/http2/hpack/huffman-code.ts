/** The Huffman code of header strings (RFC 7541, appendix B) and its encoder. */

/**
 * Lengths in bits of the codes of octets 0 to 255 and of the end of a string. The code is canonical: codes of one length
 * follow each other in the order of their symbols, and the next length goes on where the one before ends.
 */
const lengths: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

export const endOfString = 256;
export const huffmanLengths: Uint8Array = Uint8Array.from(lengths);
export const huffmanCodes: Uint32Array = canonicalCodes();

function canonicalCodes(): Uint32Array {
  const codes = new Uint32Array(lengths.length);
  let next = 0;
  for (let length = 1; length <= 30; length++) {
    next *= 2;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) codes[symbol] = next++;
    }
  }
  return codes;
}

/** Octets of `text` when it is encoded. */
export function huffmanBytes(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    bits += huffmanLengths[text.charCodeAt(at)] as number;
  }
  return (bits + 7) >>> 3;
}

/** Returns the end of what it wrote from `start`. */
export function writeHuffman(text: string, target: Uint8Array, start: number): number {
  let at = start;
  /** Bits that do not fill an octet yet, at most seven. */
  let held = 0;
  let heldBits = 0;
  for (let index = 0; index < text.length; index++) {
    const octet = text.charCodeAt(index);
    const code = huffmanCodes[octet] as number;
    let length = huffmanLengths[octet] as number;
    if (length > 24) {
      // Seven bits held and thirty of a code are more than a shift has.
      length -= 16;
      held = (held << length) | (code >>> 16);
      heldBits += length;
      while (heldBits >= 8) {
        heldBits -= 8;
        target[at++] = held >>> heldBits;
      }
      held = (held << 16) | (code & 0xffff);
      heldBits += 16;
    } else {
      held = (held << length) | code;
      heldBits += length;
    }
    while (heldBits >= 8) {
      heldBits -= 8;
      target[at++] = held >>> heldBits;
    }
  }
  if (heldBits > 0) {
    // The rest is the beginning of the end of a string, which is all ones.
    target[at++] = (held << (8 - heldBits)) | (0xff >>> heldBits);
  }
  return at;
}
