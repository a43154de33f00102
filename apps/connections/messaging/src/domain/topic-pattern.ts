/** AMQP topic patterns: words between dots, `*` for exactly one word, `#` for any number of words, none included. */

/** The words of a routing key or pattern. An empty one has no words; two dots in a row have an empty word between. */
export function topicWords(key: string): readonly string[] {
  return key === '' ? [] : key.split('.');
}

/** Without wildcards a pattern matches the key that reads the same, and nothing else. */
export function hasWildcard(pattern: readonly string[]): boolean {
  return pattern.includes('*') || pattern.includes('#');
}

/**
 * At most as many steps as pattern words times key words: of several `#` only the latest ever takes another word,
 * since what an earlier one could take instead, the later one can take as well.
 */
export function topicMatches(pattern: readonly string[], words: readonly string[]): boolean {
  let at = 0;
  let word = 0;
  let hash = -1;
  let hashEnd = 0;
  while (word < words.length) {
    // A `#` in the pattern is a wildcard even where the key holds the same character.
    if (pattern[at] === '#') {
      hash = at++;
      hashEnd = word;
    } else if (at < pattern.length && (pattern[at] === '*' || pattern[at] === words[word])) {
      at++;
      word++;
    } else if (hash >= 0) {
      at = hash + 1;
      word = ++hashEnd;
    } else {
      return false;
    }
  }
  while (pattern[at] === '#') at++;
  return at === pattern.length;
}
