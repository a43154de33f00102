/** URLs of stores, which may name several hosts where the platform's URL takes one. */

const form = /^([a-z][a-z\d+.-]*:)\/\/([^/?#]*@)?([^/?#]*)(.*)$/is;

/** The scheme with its colon, in lower case; undefined when the text is no URL. */
export function schemeOf(text: string): string | undefined {
  const [, scheme, credentials = '', hosts = '', rest = ''] = form.exec(text) ?? [];
  if (scheme === undefined) return URL.canParse(text) ? new URL(text).protocol : undefined;
  const each = hosts.split(',').map((host) => `${scheme}//${credentials}${host}${rest}`);
  return each.every((url) => URL.canParse(url)) ? scheme.toLowerCase() : undefined;
}
