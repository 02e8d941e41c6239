import { compileRegex, PatternError } from './regex.ts'

/** Whether a text matches as a whole. */
export type Matcher = (text: string) => boolean

/**
 * Compiles a glob. `*`, `?` and `[…]` stay within a path segment, `**` goes across segments and `**` with a slash may
 * stand for no segment at all, `{a,b}` is a choice, a backslash takes the next character as it is. The glob matches
 * whole texts, case counts.
 *
 * @throws PatternError when brackets or braces aren't closed
 */
export function compileGlob(glob: string): Matcher {
  return simpleMatcher(glob) ?? regexMatcher(glob)
}

/** The common shapes, without an expression: `name`, `prefix*`, `prefix**`. */
function simpleMatcher(glob: string): Matcher | undefined {
  const simple = /^([^*?[\]{}\\]*)(\*{0,2})$/.exec(glob)
  if (simple === null) return undefined
  const [, prefix = '', wildcard] = simple
  if (wildcard === '') return (text) => text === glob
  if (wildcard === '**') return (text) => text.startsWith(prefix)
  return (text) => text.startsWith(prefix) && !text.includes('/', prefix.length)
}

function regexMatcher(glob: string): Matcher {
  const expression = `^(?s:${globToRegex(glob)})$`
  try {
    const regex = compileRegex(expression)
    return (text) => regex.test(text)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw new PatternError('has brackets that cannot be read', { cause: error })
  }
}

function globToRegex(glob: string): string {
  let regex = ''
  let braces = 0
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob.charAt(at)
    if (char === '*') {
      const [part, length] = stars(glob, at)
      regex += part
      at += length - 1
    } else if (char === '[') {
      const end = classEnd(glob, at)
      regex += classToRegex(glob.slice(at + 1, end))
      at = end
    } else if (char === '\\') {
      at += 1
      if (at === glob.length) throw new PatternError('ends in a backslash')
      regex += literal(glob.charAt(at))
    } else if (char === '{') {
      braces += 1
      regex += '(?:'
    } else if (char === '}' && braces > 0) {
      braces -= 1
      regex += ')'
    } else {
      regex += char === ',' && braces > 0 ? '|' : char === '?' ? '[^/]' : literal(char)
    }
  }
  if (braces > 0) throw new PatternError('has a `{` that is not closed')
  return regex
}

/** What a run of stars at `at` stands for, and how many characters of the glob that takes. */
function stars(glob: string, at: number): readonly [string, number] {
  if (glob.charAt(at + 1) !== '*') return ['[^/]*', 1]
  const startsSegment = at === 0 || '/{,'.includes(glob.charAt(at - 1))
  return startsSegment && glob.charAt(at + 2) === '/' ? ['(?:.*/)?', 3] : ['.*', 2]
}

function classEnd(glob: string, start: number): number {
  let at = start + 1
  if ('!^'.includes(glob.charAt(at))) at += 1
  if (glob.charAt(at) === ']') at += 1
  for (; at < glob.length; at += 1) {
    if (glob.charAt(at) === '\\') at += 1
    else if (glob.charAt(at) === ']') return at
  }
  throw new PatternError('has a `[` that is not closed')
}

/** A class matches one character within a path segment: never a slash, not even one that lies in a range. */
function classToRegex(body: string): string {
  const negated = /^[!^]/.test(body)
  const ranges = [...(negated ? body.slice(1) : body).matchAll(/\\?(.)(?:-\\?(.))?/gsu)]
    .map(([, from = '', to = from]) => [codePoint(from), codePoint(to)] as const)
    .flatMap((range) => (negated ? [range] : withoutSlash(range)))
  if (ranges.some(([from, to]) => from > to)) throw new PatternError('has a range that runs backwards')
  if (ranges.length === 0) throw new PatternError('has a class of slashes, and no class matches a slash')
  const members = ranges.map(([from, to]) => `${hex(from)}-${hex(to)}`).join('')
  return negated ? `[^/${members}]` : `[${members}]`
}

const SLASH = codePoint('/')

function withoutSlash(range: readonly [number, number]): readonly (readonly [number, number])[] {
  const [from, to] = range
  if (from > SLASH || to < SLASH || from > to) return [range]
  return [[from, SLASH - 1] as const, [SLASH + 1, to] as const].filter(([first, last]) => first <= last)
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0
}

function hex(point: number): string {
  return String.raw`\x{${point.toString(16)}}`
}

function literal(char: string): string {
  return /[\w/]/.test(char) || char > '\u007F' ? char : `\\${char}`
}
