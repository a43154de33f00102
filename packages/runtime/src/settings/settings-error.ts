/** The one error of bad settings: it lists every problem, so that one start shows them all. */

export interface SettingProblem {
  readonly variable: string;
  /** What was given, masked where it is secret; undefined when the name itself is the problem. */
  readonly given: string | undefined;
  /** Ends the sentence after the variable and the value. */
  readonly expected: string;
}

export class SettingsError extends Error {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(problemLine).join('\n'));
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

function problemLine({ variable, given, expected }: SettingProblem): string {
  return given === undefined
    ? `${variable}: ${expected}`
    : `${variable} is ${JSON.stringify(given)}, expected ${expected}`;
}
