/** The yardstick: grpc-js alone, bytes in and bytes of a given number out, no codec and nothing around the calls. */
import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { answerParent } from '../child/answer-parent.ts';

/** Bytes of the reply, by path of the rpc. */
export type EchoRpcs = ReadonlyMap<string, number>;

const sameBytes = (bytes: Buffer): Buffer => bytes;

/** Answers with the address it listens on. */
answerParent<EchoRpcs, string>((rpcs) => {
  const server = new Server();
  for (const [path, replyBytes] of rpcs) {
    const reply = Buffer.alloc(replyBytes, 'x');
    const codec = {
      requestSerialize: sameBytes,
      requestDeserialize: sameBytes,
      responseSerialize: sameBytes,
      responseDeserialize: sameBytes,
    };
    server.addService(
      { echo: { path, requestStream: false, responseStream: false, ...codec } },
      { echo: (_: unknown, answer: sendUnaryData<Buffer>) => answer(null, reply) },
    );
  }
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(`127.0.0.1:${port}`);
    });
  });
});
