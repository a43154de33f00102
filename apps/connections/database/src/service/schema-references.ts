/** References in a JSON Schema: each must lead to a place in the same document. */
import { type DocumentCheck, isObject, type Keywords, type Subschema } from './subschemas.ts';

/** A part of the document that has a URI of its own. */
interface Resource {
  readonly root: Keywords;
  readonly anchors: Set<string>;
}

const references = ['$ref', '$dynamicRef', '$recursiveRef'];

export function checkReferences(schemas: readonly Subschema[], wrong: DocumentCheck): void {
  const resources = resourcesOf(schemas);
  for (const { pointer, keywords, base } of schemas) {
    for (const [keyword, value] of Object.entries(keywords)) {
      const path = `${pointer}/${keyword}`;
      if (isObject(value) && typeof value.$data === 'string') {
        wrong(path, '$data is an extension of one validator, not JSON Schema');
      }
      if (!references.includes(keyword) || typeof value !== 'string') continue;
      const problem = problemOf(value, base, resources);
      if (problem) wrong(path, problem);
    }
  }
}

function resourcesOf(schemas: readonly Subschema[]): Map<string, Resource> {
  const resources = new Map<string, Resource>();
  for (const { keywords, base } of schemas) {
    const resource = resources.get(base) ?? { root: keywords, anchors: new Set() };
    resources.set(base, resource);
    for (const anchor of [keywords.$anchor, keywords.$dynamicAnchor]) {
      if (typeof anchor === 'string') resource.anchors.add(anchor);
    }
    const id = keywords.$id;
    if (typeof id === 'string' && id.startsWith('#')) resource.anchors.add(id.slice(1));
  }
  return resources;
}

function problemOf(reference: string, base: string, resources: Map<string, Resource>): string | undefined {
  if (!URL.canParse(reference, base)) return 'is not a URI reference';
  const url = new URL(reference, base);
  const fragment = url.hash.slice(1);
  url.hash = '';
  const resource = resources.get(url.href);
  if (!resource) return 'leads out of the document; put what it refers to under $defs';
  return leadsSomewhere(resource, fragment) ? undefined : 'leads to nothing in the document';
}

function leadsSomewhere({ root, anchors }: Resource, fragment: string): boolean {
  let name: string;
  try {
    name = decodeURIComponent(fragment);
  } catch {
    return false;
  }
  if (!name.startsWith('/')) return name === '' || anchors.has(name);
  let place: unknown = root;
  for (const token of name.slice(1).split('/')) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, key)) return false;
    place = (place as Keywords)[key];
  }
  return isObject(place) || typeof place === 'boolean';
}
