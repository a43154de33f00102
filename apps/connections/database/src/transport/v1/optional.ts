/** Text fields of proto3 that are empty when they are not given. */

export function optional(text: string): string | undefined {
  return text === '' ? undefined : text;
}
