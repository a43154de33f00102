/** Whether the settings are valid, and those that everything else is looked at with. */
import { type Environment, readAllSettings, SettingsError } from '@connections/runtime';
import { standaloneSettings } from '@connections/standalone';
import { type Check, fail, ok } from './check.ts';

export interface CheckedSettings {
  readonly checks: readonly Check[];
  /** What is not valid is at its default. */
  readonly settings: ReturnType<typeof readStandalone>;
}

export function checkSettings(env: Environment): CheckedSettings {
  try {
    const settings = readStandalone(env);
    return { checks: [ok('settings', 'valid: `connections config` shows them')], settings };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const wrong = new Set(error.problems.map(({ variable }) => variable));
    const valid = Object.fromEntries(Object.entries(env).filter(([name]) => !wrong.has(name)));
    // One line of the message for each problem.
    const checks = error.message.split('\n').map((line) => fail('settings', line));
    return { checks, settings: readStandalone(valid) };
  }
}

function readStandalone(env: Environment) {
  return readAllSettings(standaloneSettings, env);
}
