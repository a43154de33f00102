/** The settings of tracing: of the standard OTEL_* variables those that decide whether and how this process traces. */
import { setting } from '../settings/setting.ts';
import { type SettingProblem, SettingsError } from '../settings/settings-error.ts';
import { defineSettings, type Settings } from '../settings/settings-table.ts';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
];
const propagators = ['tracecontext', 'baggage', 'none'];
const protocol = 'http/protobuf';

/**
 * An environment is shared with other programs, which may trace in ways that this one cannot: what is no matter of
 * on or off is text here and is checked by `tracingPlan`, when this process is to trace. The SDK reads the rest itself.
 */
export const tracingSettings = defineSettings({
  tracingDisabled: setting.boolean({
    env: 'OTEL_SDK_DISABLED',
    default: false,
    doc: 'No traces, whatever the other variables say.',
  }),
  tracesExporter: setting.choice({
    env: 'OTEL_TRACES_EXPORTER',
    choices: ['otlp', 'console', 'none'],
    default: undefined,
    doc: 'Where traces go; `console` is standard error. Unset: `otlp` when an endpoint is set, `none` otherwise.',
  }),
  otlpEndpoint: setting.url({
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schemes: ['http:', 'https:'],
    default: undefined,
    doc: 'The collector; `/v1/traces` is added.',
  }),
  otlpTracesEndpoint: setting.url({
    env: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    schemes: ['http:', 'https:'],
    default: undefined,
    doc: 'The full URL that traces are sent to, before the one above.',
  }),
  otlpProtocol: setting.text({
    env: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    default: protocol,
    doc: `How traces are sent: \`${protocol}\` only.`,
  }),
  otlpTracesProtocol: setting.text({
    env: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    default: undefined,
    doc: 'The same for traces alone, before the one above.',
  }),
  tracesSampler: setting.text({
    env: 'OTEL_TRACES_SAMPLER',
    default: 'parentbased_always_on',
    doc: `Which traces are recorded: ${samplers.map((name) => `\`${name}\``).join(', ')}.`,
  }),
  tracesSamplerArgument: setting.text({
    env: 'OTEL_TRACES_SAMPLER_ARG',
    default: undefined,
    doc: 'The share that the `traceidratio` samplers record, from 0 to 1. Unset: 1.',
  }),
  propagators: setting.text({
    env: 'OTEL_PROPAGATORS',
    default: 'tracecontext,baggage',
    doc: 'What is read from calls and put on messages while this process traces: `tracecontext`, `baggage` or `none`.',
  }),
});

export type TracingSettings = Settings<typeof tracingSettings>;

export interface TracingPlan {
  readonly exporter: 'otlp' | 'console';
  readonly propagators: ReadonlySet<string>;
}

/** Undefined when this process is not to trace. Throws a SettingsError for what it cannot do. */
export function tracingPlan(settings: TracingSettings): TracingPlan | undefined {
  const endpoint = settings.otlpTracesEndpoint ?? settings.otlpEndpoint;
  const exporter = settings.tracesExporter ?? (endpoint === undefined ? 'none' : 'otlp');
  if (settings.tracingDisabled || exporter === 'none') return undefined;
  const chosen = settings.propagators.split(',').map((name) => name.trim());
  const problems = [
    ...(exporter === 'otlp' ? protocolProblems(settings) : []),
    ...samplerProblems(settings),
    ...chosen
      .filter((name) => !propagators.includes(name))
      .map((given) => problem('propagators', given, `a list of ${propagators.join(', ')}`)),
  ];
  if (problems.length > 0) throw new SettingsError(problems);
  return { exporter, propagators: new Set(chosen.includes('none') ? [] : chosen) };
}

function protocolProblems({ otlpProtocol, otlpTracesProtocol }: TracingSettings): SettingProblem[] {
  const given = otlpTracesProtocol ?? otlpProtocol;
  if (given === protocol) return [];
  return [problem(otlpTracesProtocol === undefined ? 'otlpProtocol' : 'otlpTracesProtocol', given, protocol)];
}

function samplerProblems({ tracesSampler, tracesSamplerArgument }: TracingSettings): SettingProblem[] {
  if (!samplers.includes(tracesSampler)) {
    return [problem('tracesSampler', tracesSampler, `one of ${samplers.join(', ')}`)];
  }
  const share = Number(tracesSamplerArgument ?? 1);
  if (!tracesSampler.endsWith('traceidratio') || (share >= 0 && share <= 1)) return [];
  return [problem('tracesSamplerArgument', tracesSamplerArgument, 'a number from 0 to 1')];
}

function problem(
  row: keyof typeof tracingSettings,
  given: string | undefined,
  expected: string,
): SettingProblem {
  return { variable: tracingSettings[row].env, given, expected };
}
