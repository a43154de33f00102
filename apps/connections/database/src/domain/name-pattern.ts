/** Regular expressions over names, in RE2's dialect: matching takes time linear in the name. */
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** Whether a name holds a match anywhere; a sentence that says what is wrong with a pattern that RE2 refuses. */
export function namePattern(pattern: string): ((name: string) => boolean) | string {
  try {
    const compiled = RE2JS.compile(pattern);
    return (name) => compiled.matcher(name).find();
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error.message;
    throw error;
  }
}
