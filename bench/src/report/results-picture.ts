/** Results as a picture: a bar for the median of each case, a line across its end for the spread. */
import type { Measurement } from '../measure/measurement.ts';
import type { Unit } from '../measure/units.ts';
import { figure, ratio } from './figures.ts';
import type { PartResults, Results } from './results.ts';

const width = 960;
const margin = 24;
const rowHeight = 22;
const labelWidth = 330;
const barLeft = margin + labelWidth + 12;
const barWidth = 330;
const textLeft = barLeft + barWidth + 12;

const colours = { ink: '#1f2933', faint: '#616e7c', rule: '#d9dfe5', bar: '#3e7cb1', reference: '#a3b1bf' };

interface Block {
  readonly height: number;
  readonly svg: string;
}

export function renderPicture(results: Results): string {
  const blocks = [heading(results), ...results.parts.flatMap(partBlocks)];
  let top = margin;
  const placed = blocks.map(({ height, svg }) => {
    const group = `<g transform="translate(0 ${top})">${svg}</g>`;
    top += height;
    return group;
  });
  const height = top + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" fill="${colours.ink}">`,
    '<title>Connection Services: bench</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...placed,
    '</svg>',
    '',
  ].join('\n');
}

function heading({ machine, date, commit, modified, quick, loadGenerator }: Results): Block {
  const of = commit === undefined ? '' : `, commit ${commit}${modified ? ' with changes' : ''}`;
  const lines = [
    `${date.slice(0, 10)}${of}${quick ? ' (a quick run: the figures mean nothing)' : ''}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    `${machine.pinning}; unary load from ${loadGenerator}; bars are medians, thin lines the spread`,
  ];
  const texts = lines.map((line, index) => text(margin, 46 + index * 18, line, `fill="${colours.faint}"`));
  return {
    height: 46 + lines.length * 18,
    svg: text(margin, 22, 'Connection Services: bench', 'font-size="20" font-weight="600"') + texts.join(''),
  };
}

function partBlocks({ title, measurements }: PartResults): Block[] {
  const unitsOfPart = [...new Set(measurements.map(({ unit }) => unit))];
  const rule = `<line x1="${margin}" x2="${width - margin}" y1="8" y2="8" stroke="${colours.rule}"/>`;
  const head = { height: 42, svg: rule + text(margin, 34, title, 'font-size="15" font-weight="600"') };
  const blocks = unitsOfPart.map((unit) =>
    unitBlock(
      unit,
      measurements.filter((one) => one.unit === unit),
    ),
  );
  return [head, ...blocks];
}

/** All bars of a unit have one scale. */
function unitBlock(unit: Unit, measurements: readonly Measurement[]): Block {
  const scale = barWidth / Math.max(...measurements.map(({ max }) => max), Number.MIN_VALUE);
  const references = new Set(measurements.map(({ comparison }) => comparison?.against));
  const rows = measurements.map((one, index) =>
    row(one, 22 + index * rowHeight, scale, references.has(one.name)),
  );
  return {
    height: 22 + measurements.length * rowHeight + 12,
    svg: text(barLeft, 14, unit, `fill="${colours.faint}"`) + rows.join(''),
  };
}

function row(one: Measurement, top: number, scale: number, isReference: boolean): string {
  const middle = top + rowHeight / 2;
  const from = barLeft + one.min * scale;
  const to = barLeft + one.max * scale;
  const value = one.comparison ? `${figure(one.median)}, ratio ${ratio(one.comparison)}` : figure(one.median);
  return [
    text(margin + labelWidth, middle + 4, one.name, 'text-anchor="end"'),
    `<rect x="${barLeft}" y="${top + 4}" width="${round(Math.max(0, one.median) * scale)}" height="${rowHeight - 8}" rx="2" fill="${isReference ? colours.reference : colours.bar}"/>`,
    `<line x1="${round(from)}" x2="${round(to)}" y1="${middle}" y2="${middle}" stroke="${colours.ink}"/>`,
    text(textLeft, middle + 4, value, ''),
  ].join('');
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
