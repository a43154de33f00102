/** A list of what is open. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OpenItem, OpenList } from '../src/open-list.ts';

class Named extends OpenItem {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

const names = (list: OpenList<Named>) => [...list].map(({ name }) => name);

describe('an open list', () => {
  it('has what was opened, in that order, until it is closed', () => {
    const list = new OpenList<Named>();
    assert.equal(list.isEmpty, true);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new Named(name)) as [Named, Named, Named];
    for (const item of [a, b, c]) list.open(item);
    assert.deepEqual(names(list), ['a', 'b', 'c']);
    b.close();
    b.close();
    assert.deepEqual(names(list), ['a', 'c']);
    c.close();
    list.open(b);
    a.close();
    assert.deepEqual(names(list), ['b']);
    b.close();
    assert.equal(list.isEmpty, true);
  });

  it('goes on behind an item that is closed while it is looked at', () => {
    const list = new OpenList<Named>();
    for (const name of ['a', 'b', 'c']) list.open(new Named(name));
    const seen: string[] = [];
    for (const item of list) {
      seen.push(item.name);
      item.close();
    }
    assert.deepEqual(seen, ['a', 'b', 'c']);
    assert.equal(list.isEmpty, true);
  });
});
