/** How wide text is in a terminal, and text cut or filled to a width. */

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

// East Asian wide and fullwidth blocks of Unicode 16 (EastAsianWidth.txt, classes W and F), the large ones.
const wide =
  /^[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{33ff}\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{a000}-\u{a4cf}\u{a960}-\u{a97f}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const emoji = /^\p{Emoji_Presentation}|\u{fe0f}/u;
const noWidth = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segments.segment(text)) width += segmentWidth(segment);
  return width;
}

/** At most `width` columns, the last of them `…` where something is missing. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const { segment } of segments.segment(text)) {
    left -= segmentWidth(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * One line of what can be seen: a value cannot move the cursor, colour what follows it or turn its direction. What it
 * would do that with is shown by its code.
 */
export function printable(text: string): string {
  return text.replace(
    /\r\n|[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => shown.get(character) ?? `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}

const shown = new Map([
  ['\n', '⏎'],
  ['\r\n', '⏎'],
  ['\t', ' '],
]);

function segmentWidth(segment: string): number {
  if (noWidth.test(segment)) return 0;
  return wide.test(segment) || emoji.test(segment) ? 2 : 1;
}
