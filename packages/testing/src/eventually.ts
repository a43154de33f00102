/** Waits for a condition instead of sleeping. */

/**
 * Repeats `check` until it returns without throwing, and resolves with what it returned. After `deadlineMs` it rejects
 * with what the last try threw.
 */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 5_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
