/** Reports one line for each test file, failures in full, skips with their reasons, and the totals last. */
import path from 'node:path';

// biome-ignore lint/style/noDefaultExport: node's runner takes a reporter as the default export.
export default async function* report(events) {
  const files = new Map();
  const skipped = [];
  const failures = [];
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') {
      if (type === 'test:fail' && data.details.error?.failureType !== 'subtestsFailed') failures.push(data);
      continue;
    }
    const name = path.relative(process.cwd(), data.file ?? '');
    if (name === '' || data.name === data.file || data.name === name) {
      // The runner's own entry for a file counts only when the file itself broke.
      if (type === 'test:fail' && data.details.error?.failureType !== 'subtestsFailed') failures.push(data);
      continue;
    }
    const file = files.get(name) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 };
    files.set(name, file);
    if (data.nesting === 0) file.ms += data.details.duration_ms;
    if (data.skip !== undefined) {
      file.skipped += 1;
      skipped.push(`${data.name}: ${data.skip === true || data.skip === '' ? 'no reason given' : data.skip}`);
    } else if (type === 'test:pass') file.passed += 1;
    else if (data.details.error?.failureType !== 'subtestsFailed') {
      file.failed += 1;
      failures.push(data);
    }
  }
  for (const [name, file] of [...files].sort(([a], [b]) => a.localeCompare(b))) {
    const source = name.replace('/dist/', '/').replace(/\.js$/, '.ts');
    yield `${file.failed > 0 ? 'FAIL' : 'ok  '} ${source} (${file.passed + file.failed} tests, ${Math.round(file.ms)} ms)\n`;
  }
  for (const { name, file, details } of failures) {
    const error = details.error?.cause ?? details.error;
    yield `\nFAIL ${name}\n  ${path.relative(process.cwd(), file ?? '')}\n  ${String(error?.stack ?? error).replaceAll('\n', '\n  ')}\n`;
  }
  if (skipped.length > 0) {
    yield `\nskipped:\n`;
    for (const reason of new Set(skipped)) yield `  ${reason}\n`;
  }
  const sum = (key) => [...files.values()].reduce((total, file) => total + file[key], 0);
  const broken = failures.length - sum('failed');
  yield `\n${sum('passed')} passed, ${sum('failed') + Math.max(0, broken)} failed, ${sum('skipped')} skipped\n`;
}
