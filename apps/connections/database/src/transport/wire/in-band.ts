/** Failures as the replies of the wire contract carry them. */
import { type Call, isStatusError } from '@connections/grpc';
import { noteInBandFailure } from '@connections/runtime';

/**
 * What `answer` resolves with, or what `failed` makes of the failure's message. Rejects with what cannot be an answer:
 * nobody waits for the call any more, or the error is a defect of ours, which the log must see.
 */
export async function inBand<Reply>(
  call: Call,
  answer: () => Promise<Reply>,
  failed: (message: string) => Reply,
): Promise<Reply> {
  try {
    return await answer();
  } catch (error) {
    if (call.ending.aborted || !isStatusError(error)) throw error;
    noteInBandFailure(call, error);
    return failed(error.message);
  }
}
