/** Several parts of a world that are opened one after the other and closed together, the last one first. */

export type Keep = <Part extends AsyncDisposable>(opening: Promise<Part>) => Promise<Part>;

/** `open` gives each part to `keep`. When one does not open, none is left. */
export async function openedTogether<World extends object>(
  open: (keep: Keep) => Promise<World>,
): Promise<World & AsyncDisposable> {
  const opened: AsyncDisposable[] = [];
  const keep: Keep = async (opening) => {
    const part = await opening;
    opened.unshift(part);
    return part;
  };
  const close = async () => {
    for (const part of opened) await part[Symbol.asyncDispose]();
  };
  try {
    return { ...(await open(keep)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
