/** `npm run attacks`: what each attack costs, a line each. */
import { type AttackReport, attacked } from './attacked.ts';
import { attacks } from './attacks.ts';

/** Of resident memory, above what the process had at rest. */
export const maxGrowthBytes = 64 * 1_048_576;

/** @param wanted parts of names; all attacks without. Returns the exit code. */
export async function printAttacks(wanted: readonly string[]): Promise<number> {
  const chosen = attacks.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  let failed = 0;
  console.log("attack | ending | memory | CPU | neighbour's p99 before, during");
  for (const attack of chosen) {
    const report = await attacked(attack);
    const stood =
      report.ended === attack.ends &&
      report.neighbourFailures === 0 &&
      report.peakGrowthBytes <= maxGrowthBytes;
    if (!stood) failed++;
    console.log(`${reportLine(attack.name, report)}${stood ? '' : ' | NOT STOOD'}`);
  }
  return chosen.length === 0 || failed > 0 ? 1 : 0;
}

export function reportLine(name: string, report: AttackReport): string {
  const { p99BeforeMs, p99DuringMs } = report;
  return [
    name,
    report.ended,
    `+${(report.peakGrowthBytes / 1_048_576).toFixed(1)} MiB`,
    `${(report.cpuShare * 100).toFixed(0)} %`,
    `${p99BeforeMs.toFixed(1)} ms, ${p99DuringMs.toFixed(1)} ms (${(p99DuringMs / p99BeforeMs).toFixed(1)} times)`,
  ].join(' | ');
}
