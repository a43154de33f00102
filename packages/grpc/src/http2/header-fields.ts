/** Header fields as the layers above HPACK see them. */

export interface HeaderField {
  /** Lower case; pseudo-header fields begin with a colon. */
  readonly name: string;
  /** Bytes as latin1 text. */
  readonly value: string;
  /** Kept out of every compression table, here and at whoever passes it on (RFC 7541, section 7.1.3). @default false */
  readonly sensitive?: boolean;
}

/** In the order of the wire, pseudo-header fields first. */
export type HeaderFields = readonly HeaderField[];

/**
 * A header block as it was received. The same bytes in the same state of the decoder's table give the same object again, so
 * that what a layer above has made of it need not be made again for the next stream: it keeps that in `memo`.
 */
export interface HeaderBlock {
  readonly fields: HeaderFields;
  /** Size as RFC 9113, section 6.5.2 counts it: names and values, and 32 bytes for each field. */
  readonly listBytes: number;
  /** The list was larger than allowed: `fields` holds what came before the limit, the rest was dropped. */
  readonly truncated: boolean;
  /** What the connection has made of it; nobody else's. */
  checked: unknown;
  memo: unknown;
}
