/** The other end of a child: answers what its parent asks, and ends when the parent is gone. */
import type { Reply } from './child.ts';

export function answerParent<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (question: Question) => {
    let reply: Reply<Answer>;
    try {
      reply = { answer: await answer(question) };
    } catch (error) {
      reply = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send?.(reply);
  });
}
