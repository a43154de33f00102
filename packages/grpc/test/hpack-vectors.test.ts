/** The examples of RFC 7541, appendix C. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HpackDecoder } from '../src/http2/hpack/hpack-decoder.ts';

const firstRequest = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
const secondRequest = [...firstRequest, 'cache-control: no-cache'];
const thirdRequest = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
];

/** C.2.1 to C.2.4, C.3, C.4: the blocks of one connection after the other. C.5 and C.6 need a table of 256 bytes. */
const examples: Record<string, [hex: string, fields: string[]][]> = {
  'C.2.1': [['400a637573746f6d2d6b65790d637573746f6d2d686561646572', ['custom-key: custom-header']]],
  'C.2.2': [['040c2f73616d706c652f70617468', [':path: /sample/path']]],
  'C.2.3': [['100870617373776f726406736563726574', ['password: secret']]],
  'C.2.4': [['82', [':method: GET']]],
  'C.3': [
    ['828684410f7777772e6578616d706c652e636f6d', firstRequest],
    ['828684be58086e6f2d6361636865', secondRequest],
    ['828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565', thirdRequest],
  ],
  'C.4': [
    ['828684418cf1e3c2e5f23a6ba0ab90f4ff', firstRequest],
    ['828684be5886a8eb10649cbf', secondRequest],
    ['828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf', thirdRequest],
  ],
};

const date21 = 'date: Mon, 21 Oct 2013 20:13:21 GMT';
const date22 = 'date: Mon, 21 Oct 2013 20:13:22 GMT';
const location = 'location: https://www.example.com';
const cookie = 'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';
const responses = [
  [':status: 302', 'cache-control: private', date21, location],
  [':status: 307', 'cache-control: private', date21, location],
  [':status: 200', 'cache-control: private', date22, location, 'content-encoding: gzip', cookie],
];
const evicting: Record<string, string[]> = {
  'C.5': [
    '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
    '4803333037c1c0bf',
    '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
  ],
  'C.6': [
    '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
    '4883640effc1c0bf',
    '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
  ],
};

function decoded(decoder: HpackDecoder, hex: string): string[] {
  const bytes = Buffer.from(hex, 'hex');
  return decoder.decode(bytes, 0, bytes.length).fields.map(({ name, value }) => `${name}: ${value}`);
}

describe('the examples of RFC 7541', () => {
  for (const [section, blocks] of Object.entries(examples)) {
    it(section, () => {
      const decoder = new HpackDecoder({ maxListBytes: 8_192 });
      for (const [hex, fields] of blocks) assert.deepEqual(decoded(decoder, hex), fields);
    });
  }

  for (const [section, blocks] of Object.entries(evicting)) {
    it(`${section}, with a table of 256 bytes`, () => {
      const decoder = new HpackDecoder({ maxListBytes: 8_192 });
      // Section 6.3: the size of the table becomes 256.
      assert.deepEqual(decoded(decoder, '3fe101'), []);
      assert.deepEqual(
        blocks.map((hex) => decoded(decoder, hex)),
        responses,
      );
    });
  }
});
