/** Views of several sizes on one Redis, ours and the vendor's client beside each, in a process of their own. */
import { answerParent } from '../child/answer-parent.ts';
import { connectRedis, type SendCommand } from './bare-redis.ts';
import { closedLoop, type LoopResult } from './closed-loop.ts';
import { fillView, openView } from './filled-view.ts';
import { bareView, ourView } from './view-clients.ts';
import type { ViewClient, ViewFilled, ViewQuestion, ViewWay } from './view-ops.ts';

interface MeasuredView extends Readonly<Record<ViewWay, ViewClient>> {
  readonly send: SendCommand;
}

const views = new Map<number, MeasuredView>();

answerParent<ViewQuestion, LoopResult | ViewFilled>(async (question) => {
  if (question.ask === 'fill') {
    const { url, tasks } = question;
    const view = await openView(url);
    const send = await connectRedis(url);
    const filled = await fillView(view, send, tasks);
    views.set(tasks, { ours: ourView(view, tasks), bare: bareView(send, tasks), send });
    return filled;
  }
  const { way, op, tasks, runMs } = question;
  const view = views.get(tasks);
  if (!view) throw new Error(`there is no view of ${tasks}`);
  const before = await redisCpuMs(view.send);
  const result = await closedLoop({ inFlight: 1, runMs }, (index) => view[way].perform(op, index));
  const after = await redisCpuMs(view.send);
  return { ...result, cpuMs: result.cpuMs + after - before };
});

/** All that the server has used so far. */
async function redisCpuMs(send: SendCommand): Promise<number> {
  const info = String(await send(['INFO', 'cpu']));
  const seconds = (field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1_000;
}
