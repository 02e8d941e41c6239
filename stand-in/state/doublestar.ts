// Harbor's patterns (immutable, retention and replication rules) are those of github.com/bmatcuk/doublestar v1.3.4, and
// this matches as that does, oddities included: `**` crosses slashes only where it is a whole segment, `a/**` isn't
// `a`, `{a,a/b}` isn't `a`, `[!a]` is `!` or `a`, and a bad pattern is one only where the matching gets that far.
import { HarborError } from './error.ts'

export class BadPattern extends HarborError {
  constructor() {
    super('UNKNOWN', 'internal server error')
  }
}

/** What of a pattern is left for the segments that follow, for each way to match this one; undefined: no way. */
type Rests = readonly string[] | undefined

/** @throws {BadPattern} where Harbor's matcher would return an error */
export function matches(pattern: string, name: string): boolean {
  return pattern === '' || matchSegments(pattern, name.split('/'))
}

function matchSegments(pattern: string, [segment = '', ...following]: readonly string[]): boolean {
  const slash = unescaped(pattern, '/')
  if (pattern === '**') return true
  if (slash === 2 && pattern.startsWith('**')) return matchLater(pattern.slice(3), [segment, ...following])
  const rests = matchText(pattern, segment)
  if (rests?.length === 0) return following.length === 0
  return following.length > 0 && rests?.some((rest) => matchSegments(rest, following)) === true
}

function matchLater(pattern: string, segments: readonly string[]): boolean {
  return segments.some((_, index) => {
    try {
      return matchSegments(pattern, segments.slice(index))
    } catch {
      return false
    }
  })
}

function matchText(pattern: string, text: string): Rests {
  if (text === '') return matchNothing(pattern)
  const [special = '/'] = pattern
  const rest = pattern.slice(special.length)
  if (special === '*') return matchStar(rest, text)
  if (special === '[') return matchSet(rest, text)
  if (special === '{') return matchAlternatives(rest, text)
  if (special === '/') return undefined
  const [char = ''] = text
  const literal = special === '\\' ? first(rest) : special
  if (special !== '?' && literal !== char) return undefined
  return matchText(special === '\\' ? rest.slice(literal.length) : rest, text.slice(char.length))
}

function matchStar(rest: string, text: string): Rests {
  if (rest === '') return []
  if (rest.startsWith('/')) return [rest.slice(1)]
  for (let at = 0; at < text.length; at += first(text.slice(at)).length) {
    const rests = matchText(rest, text.slice(at))
    if (rests !== undefined) return rests
  }
  return undefined
}

function matchSet(rest: string, text: string): Rests {
  const close = unescaped(rest, ']')
  if (close < 1) throw new BadPattern()
  const members = Array.from(rest.slice(0, close))
  const negated = members[0] === '^'
  if (negated) members.shift()
  const [char = ''] = text
  let within = false
  while (members.length > 0) {
    const low = takeMember(members)
    const range = members[0] === '-'
    if (range) members.shift()
    const high = range ? takeMember(members) : low
    within ||= low <= char && char <= high
  }
  return within === negated ? undefined : matchText(rest.slice(close + 1), text.slice(char.length))
}

function takeMember(members: string[]): string {
  const member = members.shift()
  if (member === undefined || member === '-') throw new BadPattern()
  return member === '\\' ? first(members.splice(0, 1).join('')) : member
}

function matchAlternatives(rest: string, text: string): Rests {
  const { alternatives, after } = splitAlternatives(rest)
  const found = alternatives.map((one) => matchText(one + after, text)).filter((rests) => rests !== undefined)
  return found.length === 0 ? undefined : found.flat()
}

function splitAlternatives(rest: string): { alternatives: string[]; after: string } {
  const alternatives = ['']
  let depth = 1
  for (const [token] of rest.matchAll(/\\?./gsu)) {
    if (token === '{') depth += 1
    if (token === '}') depth -= 1
    if (depth === 0) return { alternatives, after: rest.slice(alternatives.join(',').length + 1) }
    if (token === ',' && depth === 1) alternatives.push('')
    else alternatives.push(`${alternatives.pop()}${token}`)
  }
  throw new BadPattern()
}

/** The text of this segment is over: the rest of the pattern's segment must do without. */
function matchNothing(pattern: string): Rests {
  const slash = unescaped(pattern, '/')
  if (slash === -1) return canBeEmpty(pattern) ? [] : undefined
  return canBeEmpty(pattern.slice(0, slash)) ? [pattern.slice(slash + 1)] : undefined
}

function canBeEmpty(pattern: string): boolean {
  if (['', '*', '**'].includes(pattern)) return true
  if (!pattern.startsWith('{')) return false
  const { alternatives, after } = splitAlternatives(pattern.slice(1))
  return canBeEmpty(after) && alternatives.some(canBeEmpty)
}

function unescaped(text: string, char: string): number {
  let at = text.indexOf(char)
  while (at > 0 && text[at - 1] === '\\') at = text.indexOf(char, at + 1)
  return at
}

function first(text: string): string {
  const [char] = text
  if (char === undefined) throw new BadPattern()
  return char
}
