/** The documents made from tables of settings. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineSettings, renderEnvExample, renderSettingsDoc, setting } from '@connections/runtime';

const shared = setting.text({ env: 'CONNECTIONS_DATA', default: '.data', doc: 'The folder.' });
const tables = [
  { title: 'One', table: defineSettings({ shared }) },
  {
    title: 'Two',
    table: defineSettings({
      shared,
      mode: setting.choice({ env: 'MODE', choices: ['a', 'b'], default: 'a', doc: 'a | b.' }),
      secret: setting.secret({ env: 'KEY', default: undefined, doc: 'The key.' }),
    }),
  },
];

describe('renderEnvExample', () => {
  it('comments every setting out, with its default, once', () => {
    const text = renderEnvExample(tables);
    assert.equal(text.match(/^#CONNECTIONS_DATA=\.data$/gm)?.length, 1);
    assert.match(text, /^# The key\.\n# Expects text\.\n#KEY=$/m);
    assert.ok(text.split('\n').every((line) => line === '' || line.startsWith('#')));
  });
});

describe('renderSettingsDoc', () => {
  it('has a table for each service, with pipes escaped and shared rows once', () => {
    const text = renderSettingsDoc(tables);
    assert.match(text, /## One\n\n\| variable \| default \| expects \| meaning \|/);
    assert.match(text, /\| `MODE` \| `a` \| one of a, b \| a \\\| b\. \|/);
    assert.match(text, /\| `KEY` or `KEY_FILE` \| {2}\| text \| The key\. \|/);
    assert.equal(text.match(/CONNECTIONS_DATA/g)?.length, 1);
  });
});
