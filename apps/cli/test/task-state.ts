/** The state of a task, as tests put it. */

export function taskState(
  status: string,
  code = 202,
  message = '',
  data: Readonly<Record<string, string>> = {},
) {
  return { status, code, message, data: new Map(Object.entries(data)) };
}
