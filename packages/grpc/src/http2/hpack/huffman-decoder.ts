/** Decodes Huffman-coded strings four bits at a time. */
import { ConnectionError } from '../error-code.ts';
import { endOfString, huffmanCodes, huffmanLengths } from './huffman-code.ts';

/**
 * `transitions[state * 16 + bits]`: a state is a node of the tree of codes, 0 its root. No code is shorter than five bits, so that
 * four bits end one at most: its octet is in the low byte with `ends` set. The next state is above.
 */
const transitions = new Uint32Array(256 * 16);
const ends = 0x100;
const stateShift = 16;
/** States in which a string may end: on fewer than eight ones from the root (RFC 7541, section 5.2). */
const accepting = new Uint8Array(256);
/** Above every state: the code of the end of a string has been read, which no string may hold. */
const failed = 256;

build();

/** What a decoded string may need of room. */
export function decodedBytes(encodedBytes: number): number {
  return Math.floor((encodedBytes * 8) / 5);
}

/** Returns the end of what it wrote to `target` from 0. Throws COMPRESSION_ERROR. */
export function readHuffman(bytes: Uint8Array, start: number, end: number, target: Uint8Array): number {
  let state = 0;
  let to = 0;
  for (let at = start; at < end; at++) {
    const octet = bytes[at] as number;
    const high = transitions[(state << 4) | (octet >>> 4)] as number;
    if ((high & ends) !== 0) target[to++] = high;
    state = high >>> stateShift;
    if (state === failed) break;
    const low = transitions[(state << 4) | (octet & 0xf)] as number;
    if ((low & ends) !== 0) target[to++] = low;
    state = low >>> stateShift;
    if (state === failed) break;
  }
  if (state === failed || accepting[state] === 0) {
    throw new ConnectionError('COMPRESSION_ERROR', 'a Huffman-coded string is broken');
  }
  return to;
}

/** The tree as pairs of children: a state, or -1 - symbol for a leaf. */
function build(): void {
  const children: number[] = [0, 0];
  for (let symbol = 0; symbol <= endOfString; symbol++) {
    const code = huffmanCodes[symbol] as number;
    let node = 0;
    for (let bit = (huffmanLengths[symbol] as number) - 1; bit >= 0; bit--) {
      const slot = node * 2 + ((code >>> bit) & 1);
      if (bit === 0) {
        children[slot] = -1 - symbol;
      } else {
        if (children[slot] === 0) {
          children[slot] = children.length / 2;
          children.push(0, 0);
        }
        node = children[slot] as number;
      }
    }
  }
  for (let state = 0; state < 256; state++) {
    for (let bits = 0; bits < 16; bits++) transitions[state * 16 + bits] = step(children, state, bits);
  }
  for (let state = 0, ones = 0; ones < 8; ones++) {
    accepting[state] = 1;
    state = children[state * 2 + 1] as number;
  }
}

function step(children: readonly number[], from: number, bits: number): number {
  let node = from;
  let emitted = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const child = children[node * 2 + ((bits >>> bit) & 1)] as number;
    if (child === -1 - endOfString) return failed << stateShift;
    if (child < 0) emitted = ends | (-1 - child);
    node = Math.max(child, 0);
  }
  return (node << stateShift) | emitted;
}
