/** The header fields that every request of a method begins with. */
import type { HeaderFields } from '../http2/header-fields.ts';
import { acceptedEncodings } from '../protocol/message-compression.ts';

export interface RequestHeadSettings {
  readonly authority: string;
  readonly secure: boolean;
  readonly gzip: boolean;
}

/** The same list for the same method every time, so that a connection remembers what it becomes. */
export class RequestHeads {
  readonly #settings: RequestHeadSettings;
  readonly #heads = new Map<string, HeaderFields>();

  constructor(settings: RequestHeadSettings) {
    this.#settings = settings;
  }

  of(path: string): HeaderFields {
    let head = this.#heads.get(path);
    if (!head) {
      head = this.#make(path);
      this.#heads.set(path, head);
    }
    return head;
  }

  #make(path: string): HeaderFields {
    const { authority, secure, gzip } = this.#settings;
    const head = [
      { name: ':method', value: 'POST' },
      { name: ':scheme', value: secure ? 'https' : 'http' },
      { name: ':path', value: path },
      { name: ':authority', value: authority },
      { name: 'te', value: 'trailers' },
      { name: 'content-type', value: 'application/grpc' },
      { name: 'grpc-accept-encoding', value: acceptedEncodings },
      { name: 'user-agent', value: 'grpc-typescript-connections' },
    ];
    if (gzip) head.push({ name: 'grpc-encoding', value: 'gzip' });
    return head;
  }
}
