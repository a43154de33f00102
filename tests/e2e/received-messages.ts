/** Takes messages from a queue and acknowledges them, for tests that look at their headers. */
import type { CallOptions } from '@connections/grpc';
import type { MessagingClient } from '@connections/proto-utils';

/** The headers of the next `count` messages by the messages' ids, once each is settled and the stream has ended. */
export async function receive(
  { messaging }: MessagingClient,
  queue: string,
  count: number,
  options: CallOptions = {},
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const headers = new Map<string, ReadonlyMap<string, string>>();
  const answers: string[] = [];
  let settled = 0;
  let wake = () => {};
  async function* frames() {
    yield { frame: { $case: 'open' as const, value: { queue } } };
    while (settled < count) {
      const ids = answers.splice(0);
      if (ids.length > 0) yield { frame: { $case: 'ack' as const, value: { ids } } };
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  for await (const { frame } of messaging.subscribe(frames(), { timeoutMs: 20_000, ...options })) {
    if (frame?.$case === 'delivery') {
      headers.set(frame.value.message?.id ?? '', frame.value.message?.headers ?? new Map());
      answers.push(frame.value.id);
    }
    if (frame?.$case === 'settled') settled += frame.value.ids.length;
    wake();
  }
  return headers;
}
