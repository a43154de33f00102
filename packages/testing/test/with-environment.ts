/** Variables of the environment for the length of one call. */

export async function withEnvironment(
  variables: Readonly<Record<string, string>>,
  use: () => Promise<void>,
): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await use();
  } finally {
    process.env = before;
  }
}
