/** How secrets look wherever settings and errors are shown. */

export const mask = '********';

/** The text of one address alone, whose password may hold anything: spaces, quotes, an `@`. */
export function addressWithoutPassword(address: string): string {
  return withoutPasswords(address.replace(/(:\/\/[^/?#@]*?:)[\s\S]*@/, `$1${mask}@`));
}

/**
 * The text with the password of every address in it masked: `redis://me:********@host`. Up to the last `@`, so that one
 * that was not encoded is masked whole.
 */
export function withoutPasswords(text: string): string {
  return text
    .replace(/(:\/\/[^\s"/?#@]*?:)[^\s"]*@/g, `$1${mask}@`)
    .replace(/([?&][^\s"=&]*(?:password|properties)=)[^\s"&]+/gi, `$1${mask}`);
}
