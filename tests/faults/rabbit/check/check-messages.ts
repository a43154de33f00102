/** The verdict on a history of messages: what was confirmed came, what was refused did not, and little came twice. */
import type { MessageRecord } from './message-history.ts';

export interface MessageEvidence {
  readonly records: Iterable<MessageRecord>;
  /** Ids that consumers got and nobody sent. */
  readonly strangers: readonly string[];
  /** Faults that happened, by what they hit. */
  readonly kills: ReadonlyMap<string, number>;
  /** Those without which the run says nothing. */
  readonly kinds: readonly string[];
  /** Messages that all consumers together may hold at one moment. */
  readonly inFlight: number;
  /** Channels that the broker closed for what was said on them (406). */
  readonly channelErrors: number;
  readonly leastConfirmed: number;
}

export interface MessageFindings {
  readonly sent: number;
  readonly confirmed: number;
  readonly unknown: number;
  readonly refused: number;
  readonly received: number;
  readonly lost: readonly string[];
  /** Refused, and there. */
  readonly untrue: readonly string[];
  readonly duplicates: number;
  /** No more may come twice. */
  readonly mostDuplicates: number;
  /** One line for each promise that is not kept. */
  readonly broken: readonly string[];
}

export function checkMessages(evidence: MessageEvidence): MessageFindings {
  const { records, strangers, kills, kinds, inFlight, channelErrors, leastConfirmed } = evidence;
  const told = { confirmed: 0, refused: 0, unknown: 0 };
  const lost: string[] = [];
  const untrue: string[] = [];
  let received = 0;
  let duplicates = 0;
  for (const record of records) {
    told[record.told]++;
    received += record.received;
    duplicates += Math.max(0, record.received - 1);
    if (record.told === 'confirmed' && record.received === 0) lost.push(record.id);
    if (record.told === 'refused' && record.received > 0) untrue.push(record.id);
  }
  const faults = [...kills.values()].reduce((sum, each) => sum + each, 0);
  const mostDuplicates = inFlight * faults;
  const broken: string[] = [];
  const missed = kinds.filter((kind) => !kills.get(kind));
  if (missed.length > 0) broken.push(`void: nothing happened to ${missed.join(', ')}`);
  if (told.confirmed < leastConfirmed) {
    broken.push(`void: ${told.confirmed} confirmed messages, fewer than ${leastConfirmed}`);
  }
  if (lost.length > 0)
    broken.push(`${lost.length} confirmed messages never came: ${lost.slice(0, 5).join()}`);
  if (untrue.length > 0) broken.push(`${untrue.length} refused messages came: ${untrue.slice(0, 5).join()}`);
  if (strangers.length > 0) broken.push(`${strangers.length} came that nobody sent: ${strangers[0]}`);
  if (duplicates > mostDuplicates) {
    broken.push(`${duplicates} came again, more than ${inFlight} in flight at ${faults} kills allow`);
  }
  if (channelErrors > 0) broken.push(`the broker closed ${channelErrors} channels with 406`);
  const sent = told.confirmed + told.refused + told.unknown;
  return { sent, ...told, received, lost, untrue, duplicates, mostDuplicates, broken };
}
