/** Pieces of aggregation expressions that the pipelines of tasks are made of. */
import { limits } from '@connections/runtime';
import type { Document } from 'mongodb';
import { isOddKey, ownNames, type Pair } from './task-document.ts';

export type Expression = Document | string | number | boolean;

/** Text and maps of callers come in here and nowhere else, so that none is read as an expression. */
export function literal(value: unknown): Document {
  return { $literal: value };
}

/** Through the server's own clock, so that processes need not agree on theirs. */
export const now = '$$NOW';
export const revision: Expression = { $ifNull: ['$cs.rev', 1] };
export const ring: Expression = { $ifNull: ['$cs.ring', []] };
export const calls: Expression = { $ifNull: ['$cs.calls', []] };
/** In an upsert the document already has what the filter asked for; nobody writes a task without a status. */
export const isNew: Expression = { $and: [isMissing('$status'), isMissing('$cs.rev')] };

/** An upsert's document has no _id yet. */
export const ownId: Expression = { $cond: [isMissing('$_id'), {}, { _id: '$_id' }] };

/** The identity is held for a task that may come: every write takes it for absent. */
export const isReserved: Expression = { $eq: ['$cs.removed.reserved', true] };

function isMissing(value: Expression): Expression {
  return { $eq: [{ $type: value }, 'missing'] };
}

export function isText(value: Expression): Expression {
  return { $eq: [{ $type: value }, 'string'] };
}

export function isRepeated(requestId: string | undefined): Expression {
  // Not '$cs.ring.id': servers differ in what a path through an array yields.
  return requestId === undefined
    ? false
    : { $in: [literal(requestId), { $map: { input: ring, in: '$$this.id' } }] };
}

/** What the first implementation left there may be of any type. */
export function asObject(value: Expression): Expression {
  return { $cond: [{ $eq: [{ $type: value }, 'object'] }, value, {}] };
}

export function withoutPairs(pairs: Expression, keys: readonly string[]): Expression {
  return { $filter: { input: pairs, cond: { $not: { $in: ['$$this.k', literal(keys)] } } } };
}

export function plainEntries(map: ReadonlyMap<string, string>, isOdd = isOddKey): Map<string, string> {
  return new Map([...map].filter(([key]) => !isOdd(key)));
}

export function oddPairs(map: ReadonlyMap<string, string>, isOdd = isOddKey): Pair[] {
  return [...map].filter(([key]) => isOdd(key)).map(([k, v]) => ({ k, v }));
}

export function lastOf(list: Expression, more: readonly Expression[], count: number): Expression {
  return { $slice: [{ $concatArrays: [list, more] }, -count] };
}

/**
 * Whether the document `$$n` is beyond the bounds of a task, as the rules of the domain have them. Counting a document's
 * bytes costs more than the rest of a write, so that only one which might be too large is counted.
 */
export const isTooLarge: Expression = (() => {
  const data = { $concatArrays: [{ $objectToArray: asObject('$$n.data') }, { $ifNull: ['$$n.cs.odd', []] }] };
  const names = { $objectToArray: '$$n' };
  const named = {
    $filter: {
      input: names,
      cond: { $and: [{ $not: { $in: ['$$this.k', literal(ownNames)] } }, isText('$$this.v')] },
    },
  };
  const fields = { $concatArrays: [named, { $ifNull: ['$$n.cs.oddFields', []] }] };
  const { taskBytes, taskDataKeys } = limits;
  const mightBe = [
    { $gt: [{ $bsonSize: '$$n' }, taskBytes / 2] },
    { $gt: [{ $size: data }, taskDataKeys] },
    { $gt: [{ $size: names }, taskDataKeys] },
  ];
  const is = [
    { $gt: [{ $size: data }, taskDataKeys] },
    { $gt: [{ $add: [textBytes('$$n.message'), pairBytes(data)] }, taskBytes] },
    { $gt: [{ $size: fields }, taskDataKeys] },
    { $gt: [pairBytes(fields), taskBytes] },
  ];
  return { $and: [{ $or: mightBe }, { $or: is }] };
})();

function pairBytes(pairs: Expression): Expression {
  return { $sum: { $map: { input: pairs, in: { $add: [textBytes('$$this.k'), textBytes('$$this.v')] } } } };
}

/** Numbers and the like, which old documents hold in place of text, have some length. */
function textBytes(value: Expression): Expression {
  return { $cond: [isText(value), { $strLenBytes: value }, 16] };
}
