/** The banner, to the letter. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { renderBanner } from '../src/banner.ts';

const facts = {
  version: '0.1.0',
  addresses: [
    { name: 'database', host: '127.0.0.1', port: 50050, http: { host: '127.0.0.1', port: 50051 } },
    { name: 'messaging', host: '::1', port: 50055, http: { host: '::1', port: 50056 } },
  ],
  drivers: [
    { port: 'cache', driver: 'embedded', persists: true, where: '.data/database' },
    { port: 'broker', driver: 'memory', persists: false, where: '' },
  ],
  readyMs: 412,
  colour: false,
};

const expected = `Connection Services 0.1.0

  database   127.0.0.1:50050  http://127.0.0.1:50051
  messaging  [::1]:50055      http://[::1]:50056

  cache      embedded  kept in .data/database
  broker     memory    lost when this process ends

  next       npm run demo

Connection Services is ready in 412 ms
`;

it('the banner names addresses, drivers, what persists where, the next command, and ends with the ready line', () => {
  assert.equal(renderBanner(facts), expected);
});

it('the banner names no side port where none is open', () => {
  const addresses = facts.addresses.map((address) => ({ ...address, http: undefined }));
  const lines = renderBanner({ ...facts, addresses }).split('\n');
  assert.deepEqual(lines.slice(2, 4), ['  database   127.0.0.1:50050', '  messaging  [::1]:50055']);
});

it('colour changes no letter of the banner', () => {
  const coloured = renderBanner({ ...facts, colour: true });
  assert.notEqual(coloured, expected);
  assert.equal(stripVTControlCharacters(coloured), expected);
});
