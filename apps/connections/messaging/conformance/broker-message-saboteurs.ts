/** Drivers that break the clauses BR-1xx and BR-2xx: wrong routes, wrong messages, wrong outcomes. */
import { type Saboteur, type Saboteurs, sabotaged } from '@connections/testing';
import type { Broker, Message, PublishOutcome } from '../src/port/broker.ts';
import { bound, delivering, keyed, publishing, storing, telling, together } from './broker-sabotage.ts';

const confirmed: PublishOutcome = { outcome: 'CONFIRMED' };
const twoWords = (key: string) => key.split('.').slice(0, 2).join('.');
const allConfirmed = telling((outcomes) => outcomes.map(() => confirmed));
const oneWordForAny = bound((pattern) => pattern.replaceAll('#', '*'));

/** Also routes to `events` what is meant for one queue. */
const everywhere: Saboteur<Broker> = (port) =>
  sabotaged(port, {
    async publish(namespace, target, messages, signal) {
      if (target.exchange === '') {
        await port.publish(namespace, { ...target, exchange: 'events' }, messages, signal);
      }
      return port.publish(namespace, target, messages, signal);
    },
  });

/** Takes an exchange that is not there for one without bindings. */
const anyExchange: Saboteur<Broker> = (port) =>
  sabotaged(port, {
    publish: (namespace, target, messages, signal) =>
      port
        .publish(namespace, target, messages, signal)
        .catch(() => messages.map(() => ({ outcome: 'UNROUTABLE' as const }))),
  });

const withoutDoubles: Saboteur<Broker> = (port) => {
  const seen = new Set<string>();
  return sabotaged(port, {
    async publish(namespace, target, messages, signal) {
      const fresh = messages.filter(({ id }) => !seen.has(id) && seen.add(id));
      await port.publish(namespace, target, fresh, signal);
      return messages.map(() => confirmed);
    },
  });
};

/** Lets the second batch go first. */
const overtaking: Saboteur<Broker> = (port) => {
  let batches = 0;
  let store: (() => Promise<unknown>) | undefined;
  return sabotaged(port, {
    async publish(namespace, target, messages, signal) {
      const publish = () => port.publish(namespace, target, messages, signal);
      if (batches++ === 0) store = publish;
      else {
        await publish();
        await store?.();
        store = undefined;
      }
      return messages.map(() => confirmed);
    },
  });
};

/** Confirms what it has only in memory. */
const confirmingEarly: Saboteur<Broker> = (port) => {
  const kept: (() => Promise<unknown>)[] = [];
  return sabotaged(port, {
    async publish(namespace, target, messages, signal) {
      kept.push(() => port.publish(namespace, target, messages, signal));
      return messages.map(() => confirmed);
    },
    async subscribe(namespace, request, signal) {
      for (const publish of kept.splice(0)) await publish();
      return port.subscribe(namespace, request, signal);
    },
  });
};

/** Drops what comes while another publication is under way. */
const oneAtATime: Saboteur<Broker> = (port) => {
  let busy = false;
  return sabotaged(port, {
    async publish(namespace, target, messages, signal) {
      if (busy) return messages.map(() => confirmed);
      busy = true;
      try {
        return await port.publish(namespace, target, messages, signal);
      } finally {
        busy = false;
      }
    },
  });
};

const asText = (body: Uint8Array) => new TextEncoder().encode(new TextDecoder().decode(body));
const lowered = ({ headers }: Message) =>
  new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]));

export const brokerMessageSaboteurs: Saboteurs<Broker> = {
  'BR-101': keyed(twoWords),
  'BR-102': keyed(twoWords),
  'BR-103': keyed((key) => (key.includes('.') ? key : 'nowhere')),
  'BR-104': oneWordForAny,
  'BR-105': oneWordForAny,
  'BR-106': bound((pattern) => pattern.replace(/^\w+\*$/, '*')),
  'BR-107': keyed((key) => key.replace(/[*#]$/, 'created')),
  'BR-108': publishing((publication) => ({
    ...publication,
    messages: [...publication.messages, ...publication.messages],
  })),
  'BR-109': publishing((publication) =>
    publication.exchange === '' ? publication : { ...publication, exchange: '', routingKey: 'p' },
  ),
  'BR-110': allConfirmed,
  'BR-111': everywhere,
  'BR-112': allConfirmed,
  'BR-113': anyExchange,
  'BR-114': together(
    keyed((key) => key.toLowerCase()),
    bound((pattern) => pattern.toLowerCase()),
  ),
  'BR-115': together(
    keyed((key) => key.normalize()),
    bound((pattern) => pattern.normalize()),
  ),
  'BR-116': publishing((publication) => ({ ...publication, exchange: publication.exchange && 'others' })),

  'BR-201': storing((message) => ({ ...message, body: asText(message.body) })),
  'BR-202': storing((message) => ({
    ...message,
    body: message.body.length ? message.body : Uint8Array.of(0),
  })),
  'BR-203': storing((message) => ({ ...message, body: message.body.subarray(0, 1_000_000) })),
  'BR-204': storing((message) => ({ ...message, id: message.id.replace('é', '?') })),
  'BR-205': storing((message) => ({ ...message, headers: lowered(message) })),
  'BR-206': delivering((delivery) => ({ ...delivery, exchange: '' })),
  'BR-207': withoutDoubles,
  'BR-208': telling((outcomes) => outcomes.slice(0, 1)),
  'BR-209': publishing((publication) => ({ ...publication, messages: publication.messages.toReversed() })),
  'BR-210': overtaking,
  'BR-211': confirmingEarly,
  'BR-212': oneAtATime,

  'BR-801': storing((message) => ({ ...message, publishedAt: Math.trunc(message.publishedAt / 1_000) })),
};
