/** Rules of the transport, each broken in one place: the fuzzer has to find every one of them. */
import { Deadlines } from '../../src/deadlines.ts';
import { Beginning } from '../../src/http2/connection/beginning.ts';
import { HeaderGathering } from '../../src/http2/connection/header-gathering.ts';
import { Http2Connection } from '../../src/http2/connection/http2-connection.ts';
import { InboundFlow } from '../../src/http2/connection/inbound-flow.ts';
import { PeerSettings } from '../../src/http2/connection/peer-settings.ts';
import { StreamTable } from '../../src/http2/connection/stream-table.ts';
import { SendBudget } from '../../src/send-budget.ts';

export interface Saboteur {
  readonly breaks: string;
  /** For good: it is for a process of its own. */
  strike(): void;
}

const { discard, release } = InboundFlow.prototype;
const { closeStream } = Http2Connection.prototype;

export const fuzzSaboteurs: readonly Saboteur[] = [
  {
    breaks: 'streams are closed with their socket',
    strike() {
      StreamTable.prototype.streams = () => [];
    },
  },
  {
    breaks: 'a window is given back once',
    strike() {
      InboundFlow.prototype.discard = function (bytes) {
        discard.call(this, bytes * 2);
      };
    },
  },
  {
    breaks: 'what owners held is given back when their stream is closed',
    strike() {
      Http2Connection.prototype.closeStream = function (stream, ending, failure) {
        stream.held = 0;
        closeStream.call(this, stream, ending, failure);
      };
    },
  },
  {
    breaks: 'padding is given back',
    strike() {
      InboundFlow.prototype.release = function (stream, bytes) {
        if (bytes > 1 && bytes <= 256) stream.held -= 1;
        release.call(this, stream, bytes);
      };
    },
  },
  {
    breaks: 'an owner is told once that its stream is closed',
    strike() {
      Http2Connection.prototype.closeStream = function (stream, ending, failure) {
        closeStream.call(this, stream, ending, failure);
        stream.owner.closed(failure);
      };
    },
  },
  {
    breaks: 'calls that are over have no deadline',
    strike() {
      Deadlines.prototype.delete = () => {};
    },
  },
  {
    breaks: 'calls that are over have no unsent bytes',
    strike() {
      SendBudget.prototype.release = () => {};
    },
  },
  {
    breaks: 'a peer that has begun is not waited for',
    strike() {
      Beginning.prototype.stop = () => {};
    },
  },
  {
    breaks: 'no frame of a peer makes this side fail',
    strike() {
      HeaderGathering.prototype.add = () => {
        throw new TypeError('sabotage');
      };
    },
  },
  {
    breaks: 'a stream that was reset is sent on no more',
    strike() {
      Http2Connection.prototype.reset = function (stream, code) {
        this.frames.rstStream(stream.id, code);
      };
    },
  },
  {
    breaks: 'the peer is never waited for in a loop',
    strike() {
      PeerSettings.prototype.read = () => {
        for (;;);
      };
    },
  },
];
