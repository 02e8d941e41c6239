// The smallest parts of a policy: each reads one written value, says what is wrong with it, and compiles it.
import * as v from 'valibot'
import { parseBytes, SIZE } from '../shared/bytes.ts'
import { parseDuration } from '../shared/duration.ts'
import { parseInstant } from '../shared/instant.ts'
import { compilePattern, compilePatternList, isNegative, regexSource } from '../patterns/list.ts'
import { compileRegex, PatternError } from '../patterns/regex.ts'
import { compileRange } from '../patterns/version.ts'
import type { PatternList } from '../patterns/list.ts'
import type { Grouping, SizeBound } from './types.ts'

const DURATION = /^\d{1,6}[mhdw]$/
const SIZE_BOUND = new RegExp(`^(>=|<=|>|<) ?(?:${SIZE})$`)
const EXPRESSION = /^\/.+\/$/s

// Descriptions stand before what compiles a value: editors get what is written, not what comes of it.

type Written<From, To> = v.GenericSchema<From, To>

/** A condition's duration beside the words it was written in, which explain a decision later. */
export function duration(description: string): Written<string, { written: string; duration: number }> {
  return v.pipe(
    v.string(),
    v.description(`${description} A whole number and m (minutes), h, d or w.`),
    v.regex(DURATION, durationMessage),
    reads((written) => {
      const parsed = parseDuration(written)
      return parsed === undefined ? undefined : { written, duration: parsed }
    }),
  )
}

function durationMessage({ input }: { input: string }): string {
  const months = /^\d+ ?(mo|months?|y|years?)$/i.test(input)
    ? '; months and years have no fixed length, write days'
    : ''
  return `\`${input}\` is not a duration like 90m, 36h, 14d or 6w${months}`
}

export function patternList(description: string): Written<string[], PatternList> {
  return v.pipe(
    v.array(v.pipe(v.string(), compiles(checkPattern))),
    v.description(
      `${description} Patterns: globs (* ? […] {a,b}, ** across /), /expressions/ in RE2 syntax, a leading ! takes away.`,
    ),
    v.minLength(1, 'an empty list matches nothing; leave the key out, or write a pattern'),
    v.check(
      (patterns) => patterns.length === 0 || !patterns.every((pattern) => isNegative(pattern)),
      'a list with only `!` patterns matches nothing; add what they take away from, for example "**"',
    ),
    v.transform((patterns) => compilePatternList(patterns)),
  )
}

function checkPattern(pattern: string): void {
  const positive = isNegative(pattern) ? pattern.slice(1) : pattern
  if (positive === '') throw new PatternError('is an empty pattern, which matches nothing')
  compilePattern(positive)
}

export const range = v.pipe(
  v.string(),
  v.description(
    'A node-semver range over full versions, prereleases included, for example ">=1.0.0 <2.0.0".',
  ),
  v.check(
    (text) => text.split('||').every((alternative) => alternative.trim() !== ''),
    'an empty range is every version; write "*" if that is meant',
  ),
  compiles((text) => compileRange(text)),
  v.transform((text) => ({ range: text, includes: compileRange(text) })),
)

export const sizeBound = v.pipe(
  v.string(),
  v.description('A bound on the artifact\'s size, for example ">500MiB".'),
  v.regex(SIZE_BOUND, ({ input }) => `\`${input}\` is not a size like ">500MiB" or "<= 2GB"`),
  reads((written): SizeBound | undefined => {
    const [, operator, count, unit] = SIZE_BOUND.exec(written) ?? []
    const bytes = parseBytes(`${count ?? ''}${unit ?? ''}`)
    return isOperator(operator) && bytes !== undefined ? { written, operator, bytes } : undefined
  }),
)

function isOperator(text: string | undefined): text is SizeBound['operator'] {
  return text === '>' || text === '>=' || text === '<' || text === '<='
}

export const grouping = v.pipe(
  v.string(),
  v.description(
    'How the family falls into groups: major, minor, or an /expression/ whose captures name the group.',
  ),
  v.check(
    (written) => isVersionPart(written) || EXPRESSION.test(written),
    ({ input }) =>
      `\`${input}\` is not a grouping: write major, minor, or an expression like "/^pr-(\\\\d+)/"`,
  ),
  compiles((written) => (EXPRESSION.test(written) ? groupingRegex(written) : written)),
  v.transform((written): Grouping => (isVersionPart(written) ? written : groupingRegex(written))),
)

function isVersionPart(written: string): written is 'major' | 'minor' {
  return written === 'major' || written === 'minor'
}

function groupingRegex(written: string): ReturnType<typeof compileRegex> {
  const regex = compileRegex(regexSource(written))
  if (regex.captureCount === 0) throw new PatternError('has no ( ) that captures the name of a group')
  return regex
}

export const regex = v.pipe(
  v.string(),
  v.description('A regular expression in RE2 syntax, without slashes around it.'),
  v.minLength(1, 'an empty expression matches everywhere'),
  compiles((source) => compileRegex(source)),
  v.transform((source) => compileRegex(source)),
)

export const instant = v.pipe(v.string(), reads(parseInstant, 'is not an instant like 2026-11-21T08:00:00Z'))

/** Reads a text, or says that it can't be read: what isn't understood is never taken for something else. */
function reads<T>(
  read: (text: string) => T | undefined,
  fault = 'cannot be read',
): v.RawTransformAction<string, T> {
  return v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const value = read(dataset.value)
    if (value !== undefined) return value
    addIssue({ message: `\`${dataset.value}\` ${fault}` })
    return NEVER
  })
}

/** Passes a text on when `compile` doesn't refuse it; reports a PatternError as "`text` why". */
function compiles(compile: (text: string) => unknown): v.RawCheckAction<string> {
  return v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.issues !== undefined) return
    try {
      compile(dataset.value)
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      addIssue({ message: `\`${dataset.value}\` ${error.message}` })
    }
  })
}
