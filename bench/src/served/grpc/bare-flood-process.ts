/** The yardstick of stalled readers: grpc-js alone, which writes large messages for as long as it says that it takes more. */
import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { answerParent } from '../../child/answer-parent.ts';

export interface FloodOrder {
  readonly path: string;
  readonly messageBytes: number;
}

const sameBytes = (bytes: Buffer): Buffer => bytes;
const codec = {
  requestSerialize: sameBytes,
  requestDeserialize: sameBytes,
  responseSerialize: sameBytes,
  responseDeserialize: sameBytes,
};

/** Answers with the address it listens on. */
answerParent<FloodOrder, string>(({ path, messageBytes }) => {
  const server = new Server();
  server.addService(
    { flood: { path, requestStream: false, responseStream: true, ...codec } },
    {
      flood: (call: ServerWritableStream<Buffer, Buffer>) => {
        const fill = () => {
          while (call.write(Buffer.alloc(messageBytes, 'x')));
        };
        call.on('drain', fill);
        fill();
      },
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(`127.0.0.1:${port}`);
    });
  });
});
