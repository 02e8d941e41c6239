import { compileGlob, type Matcher } from './glob.ts'
import { PatternError } from './regex.ts'

/** Patterns that this library refuses when it comes to them, or reads in a way of its own: not told here. */
const DEGENERATE = /\[\^?\]|\[\^?-|-\]|\\\/|\\$|\{[^}]*\*\*/

/**
 * Harbor's globs are those of github.com/bmatcuk/doublestar v1: `**` goes across segments only where it is a whole
 * one, and `!` in brackets is a character like any other.
 *
 * @returns undefined for a pattern that can't be told
 */
export function compileDoublestar(pattern: string): Matcher | undefined {
  if (pattern === '' || DEGENERATE.test(pattern)) return undefined
  const glob = pattern
    .split('/')
    .map((segment) => (segment === '**' ? segment : segment.replaceAll(/\*{2,}/g, '*')))
    .join('/')
    .replaceAll('[!', String.raw`[\!`)
  try {
    return compileGlob(glob)
  } catch (error) {
    if (error instanceof PatternError) return undefined
    throw error
  }
}
