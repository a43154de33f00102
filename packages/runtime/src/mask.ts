/** How secrets look wherever settings and errors are shown. */

export const mask = '********';

/** The text with the password of every address in it masked: `redis://me:********@host`. */
export function withoutPasswords(text: string): string {
  return text.replace(/(:\/\/[^\s"/?#@]*?:)[^\s"/?#]*@/g, `$1${mask}@`);
}
