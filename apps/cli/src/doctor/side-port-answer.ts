/** What a side port says of the readiness of its service. */

export interface SidePortAnswer {
  readonly ready: boolean;
  readonly degraded: boolean;
  readonly reason: string;
}

/** An answer of ours has a few hundred bytes for each store. */
const maxBytes = 65_536;

/** Undefined where nothing answers as a side port does. Rejects when `interrupted` aborts. */
export async function askSidePort(
  origin: string,
  { timeoutMs, interrupted }: { readonly timeoutMs: number; readonly interrupted: AbortSignal },
): Promise<SidePortAnswer | undefined> {
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(`${origin}/readyz`, { signal, redirect: 'error' });
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.length > maxBytes) return undefined;
    }
    const { ready, degraded, reason } = JSON.parse(text);
    const isOurs = typeof ready === 'boolean' && typeof reason === 'string';
    return isOurs ? { ready, degraded: degraded === true, reason } : undefined;
  } catch (error) {
    // Nobody there, no HTTP, no JSON, or not in time: fetch and JSON.parse tell in many words that it is none of ours.
    if (interrupted.aborted) throw error;
    return undefined;
  }
}
