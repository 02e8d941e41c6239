/** One of the ways to authenticate that an answer names. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** By names in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

const SEPARATORS = /[\s,]+/y
const NAME = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const VALUE = /\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/y

/**
 * Reads WWW-Authenticate headers (RFC 9110, 11.6.1): a list of schemes, each with its parameters behind it. What isn't
 * of that form is passed over. Values without quotes may have more characters than they should: some registries
 * quote nothing.
 */
export function challengesOf(header: string | readonly string[] | undefined): readonly Challenge[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(', ')
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  let at = 0
  const take = (expression: RegExp): RegExpExecArray | null => {
    const sticky = expression
    sticky.lastIndex = at
    const found = sticky.exec(text)
    at += found?.[0].length ?? 0
    return found
  }
  while (at < text.length) {
    take(SEPARATORS)
    const [name] = take(NAME) ?? []
    if (name === undefined) {
      at += 1
      continue
    }
    const value = take(VALUE)
    if (value === null) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() })
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), unquoted(value))
  }
  return challenges
}

function unquoted([, quoted, plain]: RegExpExecArray): string {
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? ''
}
