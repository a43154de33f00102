/** Tables: aligned, as wide as the terminal, whole in a pipe. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { renderTable } from '../src/table.ts';
import { cutText, textWidth } from '../src/text-width.ts';

const pipe = { columns: undefined, colour: false };
const columns = [{ title: 'NAME' }, { title: 'SIZE', align: 'right' as const }, { title: 'NOTE' }];

describe('renderTable', () => {
  it('aligns columns, numbers to the right, and leaves no spaces at the end of a line', () => {
    const rows = [
      ['a', '1', 'x'],
      ['bcdefg', '1000', ''],
    ];
    assert.equal(renderTable({ columns, rows }, pipe), 'NAME    SIZE  NOTE\na          1  x\nbcdefg  1000');
  });

  it('fits a narrow terminal by cutting the widest columns with an ellipsis', () => {
    const rows = [['a'.repeat(60), '12', 'b'.repeat(30)]];
    const lines = renderTable({ columns, rows }, { columns: 40, colour: false }).split('\n');
    assert.ok(lines.every((line) => textWidth(line) <= 40));
    assert.match(lines[1] ?? '', /^a{15}… +12 {2}b{15}…$/);
  });

  it('cuts a column that is to stay whole only when the others give no more', () => {
    const named = [{ title: 'NAME', whole: true }, { title: 'NOTE' }];
    const rows = [['a'.repeat(20), 'b'.repeat(20)]];
    const at = (width: number) =>
      renderTable({ columns: named, rows }, { columns: width, colour: false }).split('\n')[1];
    assert.equal(at(32), `${'a'.repeat(20)}  ${'b'.repeat(9)}…`);
    assert.equal(at(25), `${'a'.repeat(14)}…  bbbbbbb…`);
  });

  it('takes any number of rows', () => {
    const rows = Array.from({ length: 200_000 }, () => ['a', '1', '']);
    assert.equal(renderTable({ columns, rows }, pipe).split('\n').length, 200_001);
  });

  it('cuts nothing in a pipe, however long', () => {
    const long = 'x'.repeat(1_000);
    assert.ok(renderTable({ columns, rows: [[long, '', '']] }, pipe).includes(long));
  });

  it('keeps a readable rest of every column in the narrowest terminal', () => {
    const rows = [['a'.repeat(20), '1'.repeat(20), 'b'.repeat(20)]];
    const [, row = ''] = renderTable({ columns, rows }, { columns: 5, colour: false }).split('\n');
    assert.equal(row, 'aaaaaaa…  1111111…  bbbbbbb…');
  });

  it('counts wide characters as two columns and combining ones as none', () => {
    const rows = [
      ['東京', '1', 'x'],
      ['e\u0301', '1', 'x'],
      ['🚀', '1', 'x'],
    ];
    const [, ...lines] = renderTable({ columns, rows }, pipe).split('\n');
    assert.deepEqual(
      lines.map((line) => textWidth(line)),
      [13, 13, 13],
    );
    assert.equal(cutText('東京都庁', 6), '東京…');
  });

  it('shows colour only where the terminal has it, and aligns the same with it', () => {
    const styled = [{ title: 'STATUS', style: () => 'green' as const }, { title: 'X' }];
    const table = { columns: styled, rows: [['up', 'x']] };
    const coloured = renderTable(table, { columns: 80, colour: true });
    assert.ok(coloured.includes('\u001b[32mup\u001b[39m'));
    assert.equal(stripVTControlCharacters(coloured), renderTable(table, pipe));
  });

  it('lets no value move the cursor or break a line', () => {
    const rows = [['a\u001b[2Jb', '1', 'two\nlines']];
    const text = renderTable({ columns, rows }, pipe);
    assert.equal(text.split('\n').length, 2);
    assert.ok(!text.includes('\u001b'));
  });
});
