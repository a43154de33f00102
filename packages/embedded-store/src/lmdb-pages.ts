/** The layout of LMDB's data file, version 2 as the `lmdb` package writes it: read only, little-endian. */

const headerBytes = 24;
const metaMagic = 0xbeefc0de;
const dataVersion = 2;
const noPage = 2n ** 64n - 1n;
const nodeHeaderBytes = 8;
const treeBytes = 48;

const branchFlag = 0x01;
const leafFlag = 0x02;
const overflowFlag = 0x04;
const metaFlag = 0x08;
const overflowValue = 0x01;
const subTree = 0x02;

/** What one commit wrote last: where its trees begin. */
export interface Snapshot {
  readonly pageSize: number;
  readonly commit: bigint;
  /** The boot id under which it was written, up to its first dash; 0 where the system has none. */
  readonly boot: bigint;
  /** Pages that the file has at most. */
  readonly pages: number;
  /** Root pages of the free list and of the tree of tables, where they are not empty. */
  readonly roots: readonly number[];
}

/** Undefined when these bytes are no snapshot record. `flushed` ones lack the page header and the magic number. */
export function readSnapshot(bytes: Buffer, flushed: boolean): Snapshot | undefined {
  if (bytes.length < headerBytes + 144) return undefined;
  if (!flushed) {
    if (!(bytes.readUInt16LE(18) & metaFlag)) return undefined;
    if (bytes.readUInt32LE(headerBytes) !== metaMagic) return undefined;
    if (bytes.readUInt32LE(headerBytes + 4) !== dataVersion) return undefined;
  }
  const pageSize = bytes.readUInt32LE(48);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  const roots = [treeRoot(bytes, 48), treeRoot(bytes, 96)].filter((root) => root !== undefined);
  return {
    pageSize,
    commit: bytes.readBigUInt64LE(152),
    boot: bytes.readBigInt64LE(160),
    pages: Number(bytes.readBigUInt64LE(144)) + 1,
    roots,
  };
}

/** The pages that a page of a tree points to; undefined when it cannot be page `number` of a tree. */
export function readPointers(page: Buffer, number: number): readonly Pointer[] | undefined {
  const flags = page.readUInt16LE(18);
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (Number(page.readBigUInt64LE(0)) !== number || lower > upper || upper > page.length - headerBytes) {
    return undefined;
  }
  if (!(flags & (branchFlag | leafFlag)) || flags & (overflowFlag | metaFlag)) return undefined;
  const pointers: Pointer[] = [];
  for (let slot = headerBytes; slot < headerBytes + lower; slot += 2) {
    const node = headerBytes + page.readUInt16LE(slot);
    if (node < headerBytes + upper || node + nodeHeaderBytes > page.length) return undefined;
    const pointer = flags & branchFlag ? readBranchNode(page, node) : readLeafNode(page, node);
    if (pointer === 'damaged') return undefined;
    if (pointer) pointers.push(pointer);
  }
  return pointers;
}

export interface Pointer {
  readonly page: number;
  /** Holds no tree but a long value of this many bytes, on this page and those behind it. */
  readonly valueBytes?: number;
}

/** Whether page `number` begins a long value. */
export function isOverflowPage(page: Buffer, number: number): boolean {
  return Number(page.readBigUInt64LE(0)) === number && (page.readUInt16LE(18) & overflowFlag) !== 0;
}

/** Pages that a long value takes. */
export function overflowPages(valueBytes: number, pageSize: number): number {
  return Math.floor((headerBytes - 1 + valueBytes) / pageSize) + 1;
}

function readBranchNode(page: Buffer, node: number): Pointer {
  const low = page.readUInt32LE(node);
  return { page: page.readUInt16LE(node + 4) * 2 ** 32 + low };
}

function readLeafNode(page: Buffer, node: number): Pointer | undefined | 'damaged' {
  const valueBytes = page.readUInt32LE(node);
  const flags = page.readUInt16LE(node + 4);
  const data = node + nodeHeaderBytes + page.readUInt16LE(node + 6);
  const held = flags & overflowValue ? 8 : valueBytes;
  if (data + held > page.length) return 'damaged';
  if (flags & overflowValue) return { page: Number(page.readBigUInt64LE(data)), valueBytes };
  if (!(flags & subTree)) return undefined;
  if (valueBytes !== treeBytes) return 'damaged';
  const root = treeRoot(page, data);
  return root === undefined ? undefined : { page: root };
}

/** Undefined for an empty tree. */
function treeRoot(bytes: Buffer, tree: number): number | undefined {
  const root = bytes.readBigUInt64LE(tree + 40);
  return root === noPage ? undefined : Number(root);
}
