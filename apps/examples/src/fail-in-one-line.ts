/** How a program of these examples ends when something is wrong: one line that says what, and exit code 1. */

export function failInOneLine(): void {
  process.on('uncaughtException', (error) => {
    console.error(error.message);
    process.exit(1);
  });
}
