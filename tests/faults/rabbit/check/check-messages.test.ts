/** When a run of messages under faults is broken, or worth nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkMessages, type MessageEvidence } from './check-messages.ts';
import { MessageHistory } from './message-history.ts';

/** Ten messages that were confirmed and came once; two of unknown outcome, of which one came; one that was refused. */
function history(): MessageHistory {
  const messages = new MessageHistory();
  const run = messages.openRun();
  messages.sent(run, 0, 13);
  messages.told(run, 0, 10, 'confirmed');
  messages.told(run, 12, 1, 'refused');
  for (let at = 0; at < 11; at++) messages.got(`${run}.${at}`);
  return messages;
}

function check(messages: MessageHistory, changes: Partial<MessageEvidence> = {}) {
  return checkMessages({
    records: messages.records(),
    strangers: messages.strangers,
    kills: new Map([
      ['client', 1],
      ['service', 1],
      ['broker', 1],
    ]),
    kinds: ['client', 'service', 'broker'],
    inFlight: 2,
    channelErrors: 0,
    leastConfirmed: 10,
    ...changes,
  });
}

describe('the verdict on messages under faults', () => {
  it('is kept where all that was confirmed came, and counts what happened', () => {
    const messages = history();
    for (let again = 0; again < 6; again++) messages.got('0.3');
    const { broken, ...counts } = check(messages);
    assert.deepEqual(broken, []);
    assert.deepEqual(counts, {
      sent: 13,
      confirmed: 10,
      unknown: 2,
      refused: 1,
      received: 17,
      lost: [],
      untrue: [],
      duplicates: 6,
      mostDuplicates: 6,
    });
    assert.deepEqual([messages.confirmed, messages.missing, messages.duplicates], [10, 0, 6]);
  });

  it('names a confirmed message that nobody got', () => {
    const messages = history();
    const run = messages.openRun();
    messages.sent(run, 0, 1);
    messages.told(run, 0, 1, 'confirmed');
    assert.equal(messages.missing, 1);
    assert.deepEqual(check(messages).broken, ['1 confirmed messages never came: 1.0']);
  });

  it('takes a message for there that came before it was confirmed', () => {
    const messages = new MessageHistory();
    const run = messages.openRun();
    messages.sent(run, 0, 1);
    messages.got('0.0');
    messages.told(run, 0, 1, 'confirmed');
    assert.equal(messages.missing, 0);
    assert.deepEqual(check(messages, { leastConfirmed: 1 }).broken, []);
  });

  it('finds a message too many that came again', () => {
    const messages = history();
    for (let again = 0; again < 7; again++) messages.got('0.3');
    assert.deepEqual(check(messages).broken, ['7 came again, more than 2 in flight at 3 kills allow']);
  });

  it('finds a refused message that came, and one that nobody sent', () => {
    const messages = history();
    messages.got('0.12');
    messages.got('0.13');
    messages.got('7.0');
    messages.got('nonsense');
    assert.deepEqual(check(messages).broken, [
      '1 refused messages came: 0.12',
      '3 came that nobody sent: 0.13',
    ]);
  });

  it('leaves channel errors no room', () => {
    assert.deepEqual(check(history(), { channelErrors: 1 }).broken, [
      'the broker closed 1 channels with 406',
    ]);
  });

  it('is void without each kind of fault, and below the least traffic', () => {
    const kills = new Map([['client', 4]]);
    assert.deepEqual(check(history(), { kills }).broken, ['void: nothing happened to service, broker']);
    assert.deepEqual(check(history(), { leastConfirmed: 11 }).broken, [
      'void: 10 confirmed messages, fewer than 11',
    ]);
  });
});
