/** The settings of a process, whatever services it runs, and the rows that services share. */
import { limits } from '../limits.ts';
import { tracingSettings } from '../tracing/tracing-settings.ts';
import { setting } from './setting.ts';
import { defineSettings } from './settings-table.ts';
import { transportSettings } from './transport-settings.ts';

export const processSettings = defineSettings({
  logLevel: setting.choice({
    env: 'LOG_LEVEL',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    doc: 'The least severe log lines that are written. `debug` has a line for every call.',
  }),
  logFormat: setting.choice({
    env: 'LOG_FORMAT',
    choices: ['json', 'text'],
    default: undefined,
    doc: 'How log lines look. Unset: `text` on a terminal, `json` elsewhere.',
  }),
  databaseDebug: debugSetting('DATABASE_CONNECTION_DEBUG'),
  messagingDebug: debugSetting('MESSAGING_CONNECTION_DEBUG'),
  slowCallMs: setting.milliseconds({
    env: 'SLOW_CALL_MS',
    default: 1_000,
    max: 3_600_000,
    doc: 'A call that takes longer is logged at info. Streams are never slow.',
  }),
  httpEnabled: setting.boolean({
    env: 'HTTP_ENABLED',
    default: true,
    doc: 'Whether each service opens its side port, for /healthz, /readyz and /metrics.',
  }),
  drainSeconds: setting.seconds({
    env: 'DRAIN_SECONDS',
    default: 10,
    max: 3_600,
    doc: 'How long a stopping process waits for open calls and streams; it stops at once when nothing is open.',
  }),
  stopWith: setting.text({
    env: 'STOP_WITH',
    default: undefined,
    doc: 'A program that started this process, such as `moon`, which passes no signals on: once it is gone, the process stops in order. Not on Windows.',
  }),
  ...transportSettings,
  ...tracingSettings,
});

function debugSetting(env: string) {
  return setting.boolean({ env, default: false, doc: 'The older way to say `LOG_LEVEL=debug`.' });
}

/** Rows for the table of each service that keeps data on an embedded driver. */
export const embeddedSettings = defineSettings({
  dataFolder: setting.text({
    env: 'CONNECTIONS_DATA',
    default: '.data',
    doc: 'The folder of the embedded drivers, one folder per service in it.',
  }),
  embeddedSync: setting.choice({
    env: 'EMBEDDED_SYNC',
    choices: ['second', 'always'],
    default: 'second',
    doc: 'What a loss of power may cost: the last second of writes, or nothing at all.',
  }),
  embeddedMaxBytes: setting.bytes({
    env: 'EMBEDDED_MAX_BYTES',
    default: 4 * 2 ** 30,
    min: 2 ** 20,
    max: 1_024 * 2 ** 30,
    doc: 'The most that the embedded store of one service may hold.',
  }),
});

/** A row for the table of each service that takes values. */
export const valueSettings = defineSettings({
  maxValueBytes: setting.bytes({
    env: 'MAX_VALUE_BYTES',
    default: limits.valueBytes,
    min: 1,
    max: limits.valueBytesCeiling,
    doc: 'The largest cache value or message body that is taken.',
  }),
});
