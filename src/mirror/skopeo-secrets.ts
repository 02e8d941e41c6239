export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Every form in which credentials may turn up in a text. */
function formsOf({ username, password }: Credentials): readonly string[] {
  const base64 = [password, `${username}:${password}`].map((text) => Buffer.from(text).toString('base64'))
  return [
    password,
    encodeURIComponent(password),
    // As in a quoted text, without the quotes.
    JSON.stringify(password).slice(1, -1),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')),
  ]
}

/**
 * Takes out of a text what nobody may read: the credentials in every form, names and passwords in URLs (a proxy's),
 * and queries of URLs, which may be signed.
 */
export function withoutSecrets(text: string, credentials: readonly Credentials[]): string {
  const forms = [...new Set(credentials.flatMap(formsOf))]
    .filter((form) => form !== '')
    // A form that holds another goes first.
    .toSorted((a, b) => b.length - a.length)
  let clean = text
  for (const form of forms) clean = clean.replaceAll(form, '***')
  return clean
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, '$1***@')
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?"']+)\?[^\s"'\\]*/gi, '$1?***')
}
