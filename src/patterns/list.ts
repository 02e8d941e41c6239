import { compileGlob, type Matcher } from './glob.ts'
import { compileRegex, PatternError } from './regex.ts'

/**
 * A list of patterns, as `select` and `scope` have them. An item matches when a positive pattern matches it and no
 * negative one does; an item with several values (the labels of an artifact) when one value matches a positive
 * pattern and none matches a negative one.
 */
export interface PatternList {
  readonly written: readonly string[]
  matches(text: string): boolean
  matchesSome(texts: readonly string[]): boolean
}

/**
 * Compiles a pattern list. A pattern is a glob, or an expression between slashes; a leading `!` takes away.
 *
 * @throws PatternError for the first pattern that can't be read
 */
export function compilePatternList(written: readonly string[]): PatternList {
  const wanted = written.filter((pattern) => !isNegative(pattern)).map((pattern) => compilePattern(pattern))
  const unwanted = written
    .filter((pattern) => isNegative(pattern))
    .map((pattern) => compilePattern(pattern.slice(1)))
  const isWanted = (text: string): boolean => wanted.some((matcher) => matcher(text))
  const isUnwanted = (text: string): boolean => unwanted.some((matcher) => matcher(text))
  return {
    written,
    matches: (text) => isWanted(text) && !isUnwanted(text),
    matchesSome: (texts) => texts.some(isWanted) && !texts.some(isUnwanted),
  }
}

/** Compiles one pattern without its `!`: a glob, or an expression between slashes. */
export function compilePattern(pattern: string): Matcher {
  if (!pattern.startsWith('/')) return compileGlob(pattern)
  const regex = compileRegex(regexSource(pattern))
  return (text) => regex.test(text)
}

/**
 * The expression between the slashes of `/…/`.
 *
 * @throws PatternError when the closing slash is missing or nothing stands between
 */
export function regexSource(pattern: string): string {
  if (pattern.length < 2 || !pattern.endsWith('/')) {
    throw new PatternError('starts with `/` like a regular expression but does not end with `/`')
  }
  if (pattern.length === 2) throw new PatternError('is an empty regular expression, which everything matches')
  return pattern.slice(1, -1)
}

export function isNegative(pattern: string): boolean {
  return pattern.startsWith('!')
}
