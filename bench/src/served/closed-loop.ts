/** So many calls in flight for so long, each begun when another has ended. */

export interface LoopResult {
  readonly calls: number;
  readonly elapsedMs: number;
  /** Of this process, all its threads. */
  readonly cpuMs: number;
}

export interface LoopShape {
  readonly inFlight: number;
  readonly runMs: number;
  /** What one turn of the loop counts for. @default 1 */
  readonly callsEach?: number;
}

export async function closedLoop(
  { inFlight, runMs, callsEach = 1 }: LoopShape,
  perform: (index: number) => Promise<unknown>,
): Promise<LoopResult> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  let turns = 0;
  const worker = async () => {
    while (performance.now() - begin < runMs) await perform(turns++ * callsEach);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const used = process.cpuUsage(cpu);
  return {
    calls: turns * callsEach,
    elapsedMs: performance.now() - begin,
    cpuMs: (used.user + used.system) / 1_000,
  };
}
