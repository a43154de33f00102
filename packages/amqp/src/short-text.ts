/** What AMQP has room for in names, routing keys, ids and types: their length takes one byte. */

export const shortTextBytes = 255;

/** A character of UTF-16 is at most three bytes of UTF-8: most texts need no count. */
export function isShortText(text: string): boolean {
  return text.length * 3 <= shortTextBytes || Buffer.byteLength(text) <= shortTextBytes;
}
