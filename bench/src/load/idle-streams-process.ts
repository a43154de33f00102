/** Opens streams, leaves them open and answers when the server has said something on each. */
import { answerParent } from '../child/answer-parent.ts';
import { RawConnection } from './raw-connection.ts';

export interface IdleStreams {
  readonly address: string;
  readonly path: string;
  /** Sent on each. */
  readonly message: Uint8Array;
  /** The request stream stays open. */
  readonly open: boolean;
  readonly connections: number;
  readonly streams: number;
  /** The calls are unary: what stays open is the connections. @default false */
  readonly answered?: boolean;
}

const connections: RawConnection[] = [];

answerParent<IdleStreams, number>(({ address, path, message, open, answered = false, ...counts }) => {
  const wanted = counts.connections * counts.streams;
  return new Promise((resolve, reject) => {
    let heard = 0;
    for (let index = 0; index < counts.connections; index++) {
      let left = counts.streams;
      const hear = () => {
        // The only stream of a connection may hear more than once.
        if (left === 0) return;
        left--;
        heard++;
        if (heard === wanted) resolve(heard);
      };
      const connection = new RawConnection(
        address,
        { path },
        {
          onData: answered ? () => {} : hear,
          onAnswer: answered ? hear : () => reject(new Error('a stream ended')),
          onFailure: reject,
        },
      );
      connections.push(connection);
      for (let stream = 0; stream < counts.streams; stream++) connection.call(message, open);
    }
  });
});
