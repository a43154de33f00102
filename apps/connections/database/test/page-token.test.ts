/** Tests that a page token leads on from its page and from no other. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isStatusError } from '@connections/grpc/status';
import { pagePosition, pageToken } from '../src/domain/page-token.ts';

const filter = ['cache', 'default', 'user:'];

function refused(token: string, ofFilter: readonly string[] = filter) {
  assert.throws(
    () => pagePosition(ofFilter, token),
    (error) =>
      isStatusError(error) && error.status === 'INVALID_ARGUMENT' && error.reason === 'PAGE_TOKEN_INVALID',
  );
}

it('leads back to the position, whatever text that is', () => {
  for (const position of ['user:1', '', '\u0000', 'größe 🚚', '__proto__']) {
    assert.equal(pagePosition(filter, pageToken(filter, position)), position);
  }
});

it('is no position when it is empty', () => {
  assert.equal(pagePosition(filter, ''), undefined);
});

it('is refused with another filter, also one of the same text cut elsewhere', () => {
  const token = pageToken(filter, 'user:1');
  refused(token, ['cache', 'default', 'user']);
  refused(token, ['cache', 'other', 'user:']);
  refused(token, ['cache', 'defaultuser:', '']);
});

it('is refused when any of its characters was changed, added or lost', () => {
  const token = pageToken(filter, 'user:1');
  for (let index = 0; index < token.length; index++) {
    refused(`${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`);
    refused(token.slice(0, index) || '!');
  }
  refused(`${token}A`);
  refused(`${token}=`);
  refused('not a token');
});
