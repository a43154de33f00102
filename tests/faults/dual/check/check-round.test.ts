/** What the checker makes of histories written by hand: lawful ones pass, and one that breaks an invariant is caught by it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkRound } from './check-round.ts';
import type { ReadCall, RoundEvidence, Standing, TaskCall, WriteCall } from './history.ts';
import type { ReadToken } from './read-token.ts';

const task = 'default/t';

function stamp(revision: number, incarnation = 'a'): ReadToken {
  return { kind: 'STAMP', incarnation, revision };
}

function write(request: string, parts: Partial<WriteCall> = {}): WriteCall {
  const asked = { operation: 'patch', status: 's', plain: false, allowsBuffer: true } as const;
  const answer = { outcome: 'DURABLE', open: false } as const;
  return { kind: 'write', task, replica: 0, invoked: 0, returned: 0, request, ...asked, ...answer, ...parts };
}

function put(request: string, parts: Partial<WriteCall> = {}): WriteCall {
  return write(request, { operation: 'put', ...parts });
}

function remove(request: string, parts: Partial<WriteCall> = {}): WriteCall {
  return write(request, { operation: 'remove', ...parts });
}

function buffered(request: string): ReadToken {
  return { kind: 'BUFFERED', request };
}

function read(keys: readonly string[] | undefined, revision = 0, parts: Partial<ReadCall> = {}): ReadCall {
  const outcome = keys ? 'FOUND' : 'NONE';
  const shown = keys && { status: 's', keys, revision };
  return { kind: 'read', task, replica: 0, invoked: 0, returned: 0, strong: false, outcome, shown, ...parts };
}

function standing(revision: number, keys: readonly string[], parts: Partial<Standing> = {}): Standing {
  return { incarnation: 'a', revision, status: 's', keys, ring: revision, transitions: 1, ...parts };
}

interface Round extends Partial<Omit<RoundEvidence, 'calls' | 'tasks'>> {
  readonly before?: Standing;
  readonly after?: Standing;
  readonly shared?: boolean;
}

/** The invariants that it breaks. Each call takes the time between two whole numbers, from 1 on. */
function broken(calls: readonly TaskCall[], { before, after, shared = false, ...round }: Round): string[] {
  const timed = calls.map((call, at) => ({
    ...call,
    invoked: call.invoked || at + 1,
    returned: call.returned || at + 1.5,
  }));
  const { findings } = checkRound({
    calls: timed,
    tasks: new Map([[task, { shared, before, after }]]),
    conflicts: new Set(),
    lost: undefined,
    differences: [],
    waiting: 0,
    ...round,
  });
  return [...new Set(findings.map(({ invariant }) => invariant))].sort();
}

const unknown = { outcome: 'UNKNOWN' } as const;
const inBuffer = { outcome: 'BUFFERED' } as const;

describe('the checker of the dual store finds nothing', () => {
  it('where writes are there in their order, and reads are what they ask for', () => {
    const calls = [
      put('1', { token: stamp(1) }),
      write('2', { token: stamp(2) }),
      read(['1', '2'], 2, { given: stamp(2), token: stamp(2), source: 'VIEW' }),
      read(['1'], 1, { source: 'VIEW' }),
      remove('3'),
      read(undefined),
      write('4', { outcome: 'REFUSED', reason: 'TASK_NOT_FOUND' }),
      put('5', { token: stamp(1, 'b') }),
    ];
    assert.deepEqual(broken(calls, { after: standing(1, ['5'], { incarnation: 'b' }) }), []);
  });

  it('where a write of unknown outcome counts, or does not', () => {
    const calls = [put('1'), write('2', unknown), write('3')];
    assert.deepEqual(broken(calls, { after: standing(3, ['1', '2', '3']) }), []);
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '3']) }), []);
  });

  it('where a buffered write came home, went to conflicts or was lost with the state of Redis', () => {
    const calls = [put('1'), write('2', inBuffer), write('3')];
    assert.deepEqual(broken(calls, { after: standing(3, ['1', '2', '3']) }), []);
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '3']), conflicts: new Set(['2']) }), []);
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '3']), lost: [2, 3] }), []);
  });

  it('where a put joins a removal in one buffer, which keeps the life of the task', () => {
    const calls = [put('1'), remove('2', inBuffer), put('3', inBuffer)];
    assert.deepEqual(broken(calls, { after: standing(3, ['3']) }), []);
    assert.deepEqual(broken(calls, { after: standing(1, ['3'], { incarnation: 'b' }) }), []);
  });

  it('where a put was committed and buffered, and so stands for what waited before it', () => {
    const calls = [put('1'), write('2', inBuffer), write('3', inBuffer), put('4', inBuffer)];
    assert.deepEqual(broken(calls, { after: standing(4, ['4']) }), []);
    assert.deepEqual(broken(calls, { after: standing(2, ['4']) }), []);
    assert.deepEqual(broken(calls, { after: standing(1, ['4']) }), ['I7']);
    const durable = [...calls.slice(0, -1), put('4')];
    assert.deepEqual(broken(durable, { after: standing(2, ['4']) }), ['I7']);
  });

  it('where a request was repeated and has one effect', () => {
    const calls = [put('1', unknown), put('1'), put('1'), write('2')];
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '2']) }), []);
  });

  it('where a buffer was begun on an older view, and a write in it had come about before', () => {
    const shown = { status: 's', keys: ['1', '3'], revision: 2 };
    const calls = [
      put('1', { token: stamp(1) }),
      put('2', { token: stamp(2), plain: true }),
      write('3', { ...inBuffer, token: buffered('3'), shown }),
      read(['1', '3'], 2, { given: buffered('3'), token: buffered('3'), source: 'VIEW_UNCONFIRMED' }),
    ];
    assert.deepEqual(broken(calls, { after: standing(3, ['3']) }), []);
  });

  it('where one process finds no task that it has the removal of in a buffer, while another put it anew', () => {
    const refused = write('4', { outcome: 'REFUSED', reason: 'TASK_NOT_FOUND' });
    const calls = [put('1'), remove('2', inBuffer), put('3', { token: stamp(2) }), refused, read(undefined)];
    const round = { after: standing(2, ['3']), conflicts: new Set(['2']) };
    assert.deepEqual(broken(calls, round), []);
    assert.deepEqual(broken([...calls, read(undefined, 0, { given: stamp(2) })], round), ['I4']);
    assert.deepEqual(broken([...calls, read(undefined, 0, { strong: true })], round), ['I4']);
  });

  it('where a token is refused of what went to conflicts', () => {
    const calls = [
      put('1'),
      write('2', inBuffer),
      read(undefined, 0, { outcome: 'NOT_AS_NEW', given: buffered('2') }),
    ];
    assert.deepEqual(broken(calls, { after: standing(1, ['1']), conflicts: new Set(['2']) }), []);
  });
});

describe('the checker of the dual store catches', () => {
  it('I1: a DURABLE write that is gone', () => {
    const calls = [put('1'), write('2'), write('3')];
    assert.deepEqual(broken(calls, { after: standing(3, ['1', '3']) }), ['I1', 'I2']);
    assert.deepEqual(broken(calls, { after: standing(3, ['1', '3']), shared: true }), ['I1']);
  });

  it('I1: a DURABLE write that a conflict undid', () => {
    const calls = [put('1'), write('2', inBuffer), write('3')];
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '2']), conflicts: new Set(['2']) }), [
      'I1',
      'I2',
    ]);
  });

  it('I2: a removal that was undone, and writes that changed their order', () => {
    assert.deepEqual(broken([put('1'), remove('2')], { after: standing(1, ['1']) }), ['I2']);
    assert.deepEqual(broken([put('1'), put('2')], { after: standing(2, ['1']) }), ['I1', 'I2']);
  });

  it('I2: a write that was refused, and is there', () => {
    const calls = [put('1'), write('2', { outcome: 'REFUSED', reason: 'STORE_UNREACHABLE' })];
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '2']) }), ['I2', 'I7']);
    assert.deepEqual(broken(calls, { after: standing(1, ['1', '2']), shared: true }), ['I2']);
  });

  it('I3: a revision that fell', () => {
    const before = standing(7, ['1']);
    assert.deepEqual(broken([], { before, after: standing(6, ['1']) }), ['I3', 'I7']);
    const calls = [
      write('2', { token: stamp(8) }),
      write('3', { token: stamp(8) }),
      write('4', { token: stamp(7) }),
    ];
    assert.deepEqual(broken(calls, { before, after: standing(10, ['1', '2', '3', '4']) }), ['I3']);
    assert.deepEqual(broken([write('2', { token: stamp(9) })], { before, after: standing(8, ['1', '2']) }), [
      'I3',
    ]);
  });

  it('I4: an older answer to a token, or to a STRONG read', () => {
    const after = standing(2, ['1', '2']);
    const first = [put('1', { token: stamp(1) }), write('2', { token: stamp(2) })];
    const older = { given: stamp(2), token: stamp(1) };
    assert.deepEqual(broken([...first, read(['1'], 1, older)], { after }), ['I4']);
    assert.deepEqual(broken([...first, read(['1'], 1, older)], { after, shared: true }), ['I4']);
    assert.deepEqual(broken([...first, read(['1'], 1, { strong: true })], { after }), ['I4']);
  });

  it('I4: an answer to the token of a BUFFERED write that does not have it', () => {
    const shown = { status: 's', keys: ['1', '2'], revision: 2 };
    const first = [put('1'), write('2', { ...inBuffer, token: buffered('2'), shown })];
    const older = read(['1'], 1, { given: buffered('2'), token: stamp(1), source: 'VIEW_UNCONFIRMED' });
    assert.deepEqual(broken([...first, older], { after: standing(2, ['1', '2']) }), ['I4']);
  });

  it('I4: a token that is refused though its write is kept', () => {
    const refused = { outcome: 'NOT_AS_NEW' } as const;
    const after = standing(2, ['1', '2']);
    const first = [put('1', { token: stamp(1) }), write('2', inBuffer)];
    assert.deepEqual(broken([...first, read(undefined, 0, { ...refused, given: stamp(1) })], { after }), [
      'I4',
    ]);
    assert.deepEqual(
      broken([...first, read(undefined, 0, { ...refused, given: buffered('2') })], { after }),
      ['I4'],
    );
  });

  it('I5: a view that is not as MongoDB, and a buffer that is left', () => {
    const after = standing(1, ['1']);
    assert.deepEqual(broken([put('1')], { after, differences: ['default/t: other'] }), ['I5']);
    assert.deepEqual(broken([put('1')], { after, waiting: 1 }), ['I5']);
  });

  it('I6: a BUFFERED write that is gone, in no conflict, while Redis kept its data', () => {
    const calls = [put('1'), write('2', inBuffer), write('3')];
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '3']) }), ['I2', 'I6']);
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '3']), shared: true }), ['I6']);
    assert.deepEqual(broken(calls, { after: standing(2, ['1', '3']), lost: [7, 8] }), ['I2', 'I6']);
  });

  it('I7: a request that was repeated and counts twice', () => {
    const calls = [put('1'), write('2', unknown), write('2')];
    assert.deepEqual(broken(calls, { after: standing(3, ['1', '2']) }), ['I7']);
    assert.deepEqual(broken(calls, { after: standing(3, ['1', '2']), shared: true }), ['I7']);
  });

  it('I8: a task that is not found though nobody removed it', () => {
    const after = standing(1, ['1']);
    assert.deepEqual(broken([put('1'), read(undefined)], { after }), ['I8']);
    const refused = write('2', { outcome: 'REFUSED', reason: 'TASK_NOT_FOUND' });
    assert.deepEqual(broken([put('1'), refused], { after }), ['I8']);
  });

  it('I9: more than is to be kept of one task', () => {
    const calls = [put('1')];
    assert.deepEqual(broken(calls, { after: standing(1, ['1'], { ring: 17 }) }), ['I9']);
    assert.deepEqual(broken(calls, { after: standing(1, ['1'], { transitions: 101 }) }), ['I9']);
  });

  it('an answer that nothing accounts for, and one that the caller did not allow', () => {
    const after = standing(1, ['1']);
    assert.deepEqual(broken([put('1', { outcome: 'UNEXPECTED', reason: 'INTERNAL' })], { after }), [
      'ANSWER',
    ]);
    assert.deepEqual(broken([put('1', { ...inBuffer, allowsBuffer: false })], { after }), ['ANSWER']);
  });
});
