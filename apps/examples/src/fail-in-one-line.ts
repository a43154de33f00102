/** How a program of these examples ends when something is wrong: one line that says what, and exit code 1. */

export function failInOneLine(): void {
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    // Whoever read the output has seen enough, as `head` does.
    if (error.code === 'EPIPE') process.exit(0);
    console.error(error.message);
    process.exit(1);
  });
}
