/** When the parking of a poison is broken. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkPoison, type PoisonEvidence } from './check-poison.ts';

const kept: PoisonEvidence = {
  limit: 5,
  deliveries: 5,
  serviceKills: 0,
  wantsServiceKills: false,
  innocents: 10,
  innocentsDone: 10,
  innocentsParked: 0,
  poisonsParked: 1,
};

describe('the verdict on a poison', () => {
  it('is kept after exactly the limit, and one more for each kill of the service', () => {
    assert.deepEqual(checkPoison(kept), []);
    assert.deepEqual(checkPoison({ ...kept, deliveries: 7, serviceKills: 2, wantsServiceKills: true }), []);
  });

  it('is broken a delivery earlier or later', () => {
    assert.deepEqual(checkPoison({ ...kept, deliveries: 4 }), [
      '4 deliveries with 0 kills of the service, not 5',
    ]);
    assert.deepEqual(checkPoison({ ...kept, deliveries: 7, serviceKills: 1 }), [
      '7 deliveries with 1 kills of the service, not 5',
    ]);
  });

  it('is broken by an innocent that is parked or lost, and by a poison that is not there', () => {
    assert.match(checkPoison({ ...kept, innocentsParked: 1 }).join(), /^1 innocent messages are/);
    assert.match(checkPoison({ ...kept, innocentsDone: 9 }).join(), /^1 innocent messages never/);
    assert.match(checkPoison({ ...kept, poisonsParked: 0 }).join(), /^the poison is not/);
  });

  it('is void without a kill of the service where one is wanted', () => {
    assert.deepEqual(checkPoison({ ...kept, wantsServiceKills: true }), ['void: the service was not killed']);
  });
});
