/** What a person can do when there is nothing under a name. */
import { isStatusError } from '@connections/grpc';
import { CliError } from './cli-error.ts';
import { failedCallCode } from './exit-codes.ts';

/** The catalogue's advice is for whoever writes; `hint` is for whoever looks. */
export async function hintWhenMissing<Answer>(asked: Promise<Answer>, hint: string): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (!isStatusError(error) || error.status !== 'NOT_FOUND') throw error;
    throw new CliError(error.message, { hint, exitCode: failedCallCode('NOT_FOUND'), cause: error });
  }
}
