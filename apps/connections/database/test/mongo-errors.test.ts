/** What each error of the MongoDB driver is taken for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';
import { type MongoOutcome, outcomeOf } from '../src/driver/mongo/mongo-errors.ts';

const answered = (code: number) => new MongoServerError({ ok: 0, code, errmsg: 'said the server' });
const socket = (code: string) => Object.assign(new Error(`write ${code}`), { code });
const named = (name: string) =>
  new (class extends MongoError {
    override get name() {
      return name;
    }
  })('of the pool');
const labelled = () => {
  const error = answered(424_242);
  error.addErrorLabel('RetryableWriteError');
  return error;
};

const table: readonly [string, unknown, MongoOutcome | undefined][] = [
  ['no server in time', new MongoServerSelectionError('none', {} as never), 'UNSENT'],
  ['a closed client', new MongoTopologyClosedError(), 'UNSENT'],
  ['a client that is closed under the call', new MongoClientClosedError(), 'UNKNOWN'],
  ['no connection in time', named('MongoWaitQueueTimeoutError'), 'UNSENT'],
  ['a pool that was emptied', named('MongoPoolClearedError'), 'UNSENT'],
  ['a pool that was emptied under the call', named('MongoPoolClearedOnNetworkError'), 'UNKNOWN'],
  ['a broken connection', new MongoNetworkError('broken'), 'UNKNOWN'],
  ['no answer in time', new MongoOperationTimeoutError('late'), 'UNKNOWN'],
  ['a broken socket', socket('EPIPE'), 'UNKNOWN'],
  ['a reset socket', socket('ECONNRESET'), 'UNKNOWN'],
  [
    'a majority that is late',
    new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: '' } }),
    'UNKNOWN',
  ],
  ['a server that stops', answered(91), 'UNKNOWN'],
  ['a primary that stepped down', answered(10_107), 'UNKNOWN'],
  ['time that ran out on the server', answered(50), 'UNKNOWN'],
  ['a cursor that went with its primary', answered(43), 'UNKNOWN'],
  ['two writes that were in the way of each other', answered(112), 'UNSENT'],
  ['a server with too much to do', answered(462), 'UNSENT'],
  ['a new connection that may not log in', answered(18), 'UNSENT'],
  ['a code that may be tried again', labelled(), 'UNKNOWN'],
  [
    'a bulk write that hides its cause',
    new MongoBulkWriteError({ message: 'lost', writeErrors: [] } as never, {} as never),
    'UNKNOWN',
  ],
  ['a unique index', answered(11_000), 'DUPLICATE'],
  ['a full disk', answered(14_031), 'FULL'],
  ['a right that we lack', answered(13), 'REFUSED'],
  ['a wrong expression', answered(34_473), 'REFUSED'],
  ['a wrong argument', new MongoInvalidArgumentError('wrong'), 'REFUSED'],
  ['an error of ours', new TypeError('ours'), undefined],
  ['no error', 'text', undefined],
];

describe('outcomes of errors', () => {
  for (const [what, error, outcome] of table) {
    it(`takes ${what} for ${outcome ?? 'none of MongoDB'}`, () => assert.equal(outcomeOf(error), outcome));
  }
});
