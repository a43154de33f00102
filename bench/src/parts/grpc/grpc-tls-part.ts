/** Our transport over TLS against itself without. */
import { interleave } from '../../measure/interleave.ts';
import type { Case } from '../../measure/measurement.ts';
import type { BenchPart } from '../bench-part.ts';
import { callersOf, smallBytes, startEchoServer } from './echo-pair.ts';
import { opensslMissing, selfSigned } from './self-signed.ts';

const runShare = 0.4;
const goals = { 'calls/s': 0.7 };

export const grpcTlsPart: BenchPart = {
  name: 'grpc-tls',
  group: 'grpc',
  title: 'Echo of 100 B over TLS, client and server, against the same without',
  missing: opensslMissing,
  async run({ effort, note }) {
    const { cert, key } = selfSigned();
    const runMs = effort.runMs * runShare;
    await using plain = await startEchoServer({ transport: 'own' });
    await using secure = await startEchoServer({ transport: 'own', tls: { cert, key } });
    await using plainCallers = callersOf(plain, 'own');
    await using secureCallers = callersOf(secure, 'own', cert);
    const cases = [16, 200].flatMap((inFlight): Case[] => {
      const order = { work: 'echo', bytes: smallBytes, inFlight, runMs } as const;
      const against = `plain, ${inFlight} in flight`;
      const name = `TLS, ${inFlight} in flight`;
      return [
        plainCallers.pairCase('calls/s', order, { name: against }),
        secureCallers.pairCase('calls/s', order, { name, against, goals }),
      ];
    });
    note(`${cases.length} cases`);
    return await interleave('grpc-tls', cases, effort);
  },
};
