/** What a RabbitMQ URL and the older variables say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '@connections/runtime';
import { freePort } from '@connections/testing';
import { brokerAddress, brokerUrlVariable, unusedRabbitHost } from '../src/broker-settings.ts';
import { askMessaging } from '../src/compose.ts';
import { parseRabbitUrl } from '../src/driver/rabbitmq/rabbit-url.ts';
import { messagingSettings } from '../src/messaging-settings.ts';

test('a URL names host, port, user and virtual host, and its place without the password', () => {
  assert.deepEqual(parseRabbitUrl('amqps://us%40er:p%3Aw@[::1]:5673/%2Fetl'), {
    tls: true,
    host: '::1',
    port: 5_673,
    virtualHost: '/etl',
    username: 'us@er',
    password: 'p:w',
    where: 'amqps://[::1]:5673/%2Fetl',
  });
  assert.deepEqual(parseRabbitUrl('amqp://rabbit'), {
    tls: false,
    host: 'rabbit',
    port: 5_672,
    virtualHost: '/',
    username: 'guest',
    password: 'guest',
    where: 'amqp://rabbit',
  });
});

test('what is no URL of one broker is refused without its text', () => {
  for (const url of ['amqp://', 'amqp://user:secret@a,b', 'amqp://a:0', 'amqp://a/%', 'http://a']) {
    assert.throws(
      () => parseRabbitUrl(url),
      (error) => error instanceof RangeError && !error.message.includes('secret'),
    );
  }
});

test('the variables of existing deployments name the broker, and are handed out as they are', () => {
  const settings = readSettings(messagingSettings, {
    RABBITMQ_HOST: 'rabbit',
    RABBITMQ_VHOST: '/etl',
    RABBITMQ_USER: 'us:er',
    RABBITMQ_PASSWORD: 'p@ss/word',
  });
  assert.equal(settings.brokerUrl, 'amqp://us%3Aer:p%40ss%2Fword@rabbit:5672/%2Fetl');
  assert.equal(brokerUrlVariable(settings), 'RABBITMQ_HOST');
  assert.deepEqual(unusedRabbitHost(settings), []);
  assert.deepEqual(brokerAddress(settings), {
    host: 'rabbit',
    port: 5_672,
    virtualHost: '/etl',
    username: 'us:er',
    password: 'p@ss/word',
  });
});

test('a URL has the last word', () => {
  const settings = readSettings(messagingSettings, {
    MESSAGING_BROKER_URL: 'embedded:',
    RABBITMQ_HOST: 'rabbit',
  });
  assert.equal(settings.brokerUrl, 'embedded:');
  assert.deepEqual(unusedRabbitHost(settings), [
    'RABBITMQ_HOST is not used for what MESSAGING_BROKER_URL names',
  ]);
});

test('a broker that is asked for and not there is named without its password', async () => {
  const signal = new AbortController().signal;
  const port = await freePort();
  const settings = readSettings(messagingSettings, {
    MESSAGING_BROKER_URL: `amqp://user:secret@127.0.0.1:${port}`,
  });
  const answer = await askMessaging(settings, signal);
  assert.match(answer?.problem ?? '', /ECONNREFUSED/);
  assert.ok(answer && !answer.where.includes('secret'), answer?.where);
  assert.equal(await askMessaging(readSettings(messagingSettings, {}), signal), undefined);
});

test('a URL that the driver does not understand is an error of the settings', async () => {
  const settings = readSettings(messagingSettings, { MESSAGING_BROKER_URL: 'amqp://user:secret@a,b' });
  await assert.rejects(askMessaging(settings, new AbortController().signal), (error: Error) => {
    assert.match(error.message, /MESSAGING_BROKER_URL/);
    return !error.message.includes('secret');
  });
});
