/** The process of our own load generator. */
import { answerParent } from '../child/answer-parent.ts';
import type { LoadResult, LoadShape, LoadTarget } from './load-target.ts';
import { RawConnection } from './raw-connection.ts';

export interface LoadOrder {
  readonly target: LoadTarget;
  readonly shape: LoadShape;
}

answerParent<LoadOrder, LoadResult>(({ target, shape }) => {
  const { address, requests, once = false } = target;
  const { connections, streams, runMs } = shape;
  const maxCalls = once ? requests.length : Number.POSITIVE_INFINITY;
  const opened: RawConnection[] = [];
  return new Promise<LoadResult>((resolve, reject) => {
    const begin = performance.now();
    let sent = 0;
    let answered = 0;
    const finish = () => resolve({ calls: answered, elapsedMs: performance.now() - begin });
    const next = (connection: RawConnection) => {
      if (sent >= maxCalls) return;
      connection.call(requests[sent % requests.length] ?? new Uint8Array());
      sent++;
    };
    setTimeout(finish, runMs);
    for (let index = 0; index < connections; index++) {
      const connection = new RawConnection(address, target, {
        onAnswer: () => {
          answered++;
          if (answered >= maxCalls) finish();
          else next(connection);
        },
        onFailure: reject,
      });
      opened.push(connection);
      for (let stream = 0; stream < streams; stream++) next(connection);
    }
  }).finally(() => {
    for (const connection of opened) connection[Symbol.dispose]();
  });
});
