/** Reports a line for each suite as it ends, failures in full, skips with their reasons, and the totals last. */
import path from 'node:path';

// biome-ignore lint/style/noDefaultExport: node's runner takes a reporter as the default export.
export default async function* report(events) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const skipped = new Set();
  const failures = [];
  /** From the outermost suite to the test that reports: starts come in the order of the text. */
  const titles = [];
  let inSuite = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
    if (type === 'test:start') titles.splice(data.nesting, titles.length, data.name);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A clause fails under one title for every driver: the suite tells which.
    const title = [...titles.slice(0, data.nesting), data.name].join(' > ');
    const outcome = data.skip !== undefined ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed';
    // What failed only because something inside it did is not counted again.
    const itself = data.details.error?.failureType !== 'subtestsFailed';
    if (data.details.type !== 'suite' || outcome === 'skipped' || (outcome === 'failed' && itself)) {
      if (itself) {
        total[outcome] += 1;
        inSuite[outcome] += 1;
      }
      if (outcome === 'failed' && itself) failures.push({ ...data, title });
      if (outcome === 'skipped') skipped.add(`${title}: ${reasonOf(data.skip)}`);
    }
    if (data.nesting > 0) continue;
    const tests = inSuite.passed + inSuite.failed;
    const size = tests > 1 ? `${tests} tests, ` : '';
    const mark = outcome === 'failed' ? 'FAIL' : tests === 0 ? 'skip' : 'ok  ';
    yield `${mark} ${data.name} (${size}${Math.round(data.details.duration_ms)} ms)\n`;
    inSuite = { passed: 0, failed: 0, skipped: 0 };
  }
  for (const { title, file, line, details } of failures) {
    const place = file === undefined ? '' : `  ${path.relative(process.cwd(), file)}:${line}\n`;
    yield `\nFAIL ${title}\n${place}${textOf(details.error?.cause ?? details.error)}`;
  }
  if (skipped.size > 0) yield `\nskipped:\n${[...skipped].map((line) => `  ${line}\n`).join('')}`;
  yield `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`;
}

function reasonOf(skip) {
  return typeof skip === 'string' && skip !== '' ? skip : 'no reason given';
}

function textOf(error) {
  const text = `  ${String(error?.stack ?? error).replaceAll('\n', '\n  ')}\n`;
  return error?.cause === undefined ? text : `${text}  caused by\n${textOf(error.cause)}`;
}
