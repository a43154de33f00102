/** The `grpc-message` header: UTF-8 text whose bytes beyond printable ASCII are percent-encoded. */

const plainText = /^[ -$&-~]*$/;

/** Half a surrogate pair becomes U+FFFD. */
export function encodeStatusMessage(text: string): string {
  if (plainText.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** What is no percent-encoding stays as it is; bytes that are not UTF-8 become U+FFFD. `value` is bytes as latin1 text. */
export function decodeStatusMessage(value: string): string {
  if (plainText.test(value)) return value;
  const bytes = value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
