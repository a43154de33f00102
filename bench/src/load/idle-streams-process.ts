/** Opens streams, leaves them open and answers when the server has said something on each. */
import { answerParent } from '../child/answer-parent.ts';
import { RawConnection } from './raw-connection.ts';

export interface IdleStreams {
  readonly address: string;
  readonly path: string;
  /** Sent on each; the request stream stays open. */
  readonly message: Uint8Array;
  readonly connections: number;
  readonly streams: number;
}

const connections: RawConnection[] = [];

answerParent<IdleStreams, number>(({ address, path, message, ...counts }) => {
  const wanted = counts.connections * counts.streams;
  return new Promise((resolve, reject) => {
    let heard = 0;
    for (let index = 0; index < counts.connections; index++) {
      const connection = new RawConnection(address, path, {
        onData: () => {
          heard++;
          if (heard === wanted) resolve(heard);
        },
        onAnswer: () => reject(new Error('a stream ended')),
        onFailure: reject,
      });
      connections.push(connection);
      for (let stream = 0; stream < counts.streams; stream++) connection.call(message, true);
    }
  });
});
