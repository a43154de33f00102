/** A sink that writes down what it is told, in a form that does not depend on the pieces in which DATA came. */
import type { FrameSink } from '../src/http2/frames/frame-sink.ts';

export type FrameEvent = readonly [name: string, ...values: (number | string | boolean)[]];

export class FrameRecorder implements FrameSink {
  readonly events: FrameEvent[] = [];
  /** Of the DATA frame under way, on one stream. */
  #data: { streamId: number; hex: string; flowBytes: number } | undefined;

  headers(
    id: number,
    buffer: Uint8Array,
    start: number,
    end: number,
    endHeaders: boolean,
    endStream: boolean,
  ): void {
    this.#note('headers', id, hex(buffer, start, end), endHeaders, endStream);
  }

  continuation(id: number, buffer: Uint8Array, start: number, end: number, endHeaders: boolean): void {
    this.#note('continuation', id, hex(buffer, start, end), endHeaders);
  }

  data(
    streamId: number,
    buffer: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
    endStream: boolean,
  ): void {
    if (this.#data?.streamId !== streamId) this.#closeData();
    this.#data ??= { streamId, hex: '', flowBytes: 0 };
    this.#data.hex += hex(buffer, start, end);
    this.#data.flowBytes += flowBytes;
    if (endStream) this.#closeData(true);
  }

  rstStream(id: number, code: number): void {
    this.#note('rstStream', id, code);
  }

  settings(entries: readonly (readonly [number, number])[]): void {
    this.#note('settings', ...entries.flat());
  }

  settingsAck(): void {
    this.#note('settingsAck');
  }

  ping(buffer: Uint8Array, start: number, ack: boolean): void {
    this.#note('ping', hex(buffer, start, start + 8), ack);
  }

  goAway(lastStreamId: number, code: number, debugData: Uint8Array): void {
    this.#note('goAway', lastStreamId, code, hex(debugData, 0, debugData.length));
  }

  windowUpdate(id: number, increment: number): void {
    this.#note('windowUpdate', id, increment);
  }

  priority(id: number, dependsOn: number): void {
    this.#note('priority', id, dependsOn);
  }

  streamError(id: number, code: string, _message: string): void {
    this.#note('streamError', id, code);
  }

  unknown(type: number, id: number): void {
    this.#note('unknown', type, id);
  }

  /** All that was told until now. */
  taken(): FrameEvent[] {
    this.#closeData();
    return this.events.splice(0);
  }

  #note(...event: FrameEvent): void {
    this.#closeData();
    this.events.push(event);
  }

  #closeData(endStream = false): void {
    const data = this.#data;
    if (!data) return;
    this.#data = undefined;
    this.events.push(['data', data.streamId, data.hex, data.flowBytes, endStream]);
  }
}

function hex(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('hex');
}
