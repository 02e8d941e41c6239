import type * as v from 'valibot'
import type { Path } from './document.ts'

export interface Fault {
  readonly path: Path
  readonly message: string
}

/** Puts the schema library's findings into the words of the policy language. Unknown keys are told elsewhere, all of them. */
export function describeIssues(issues: readonly v.GenericIssue[], at: Path = []): readonly Fault[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...stepsOf(issue)]
    if (issue.kind !== 'schema') return [{ path, message: named(issue, path) }]
    if (issue.expected === 'never') return []
    if (issue.type === 'union' && isMapping(issue.input)) return describeIssues(ofMapping(issue), path)
    return [{ path, message: wrongType(issue, path) }]
  })
}

function stepsOf(issue: v.GenericIssue): Path {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
}

/** The issues of the choice that a mapping was meant for. */
function ofMapping(issue: v.GenericIssue): readonly v.GenericIssue[] {
  return (issue.issues ?? []).filter(({ type, expected }) => type !== 'literal' || expected === 'never')
}

/** Bounds of numbers are told without the number's name. */
function named({ type, message }: v.GenericIssue, path: Path): string {
  return ['integer', 'min_value', 'max_value'].includes(type) ? `\`${keyOf(path)}\` ${message}` : message
}

/** How a value is called: by its key, an item of a list by that of the list. */
export function keyOf(path: Path): string {
  const at = path.findLastIndex((step) => typeof step === 'string')
  if (at === -1) return 'the policy'
  return `${String(path[at])}${path
    .slice(at + 1)
    .map((index) => `[${index}]`)
    .join('')}`
}

function wrongType(issue: v.GenericIssue, path: Path): string {
  const key = keyOf(path)
  if (issue.received === 'undefined') return `\`${String(path.at(-1))}\` is missing`
  const wanted = wantedWords(issue)
  if (issue.input === null) return `\`${key}\` has no value; expected ${wanted}`
  return `\`${key}\` should be ${wanted}, not ${valueWords(issue.input)}${hint(issue, key)}`
}

/** Numbers and booleans where a text belongs lack quotes, or a duration's unit. */
function hint({ expected, input }: v.GenericIssue, key: string): string {
  if (expected !== 'string' || !['number', 'boolean'].includes(typeof input)) return ''
  if (key === 'size') return '; with a comparison and its unit: ">500MiB"'
  return DURATIONS.test(key) ? `; with its unit: ${String(input)}d` : '; put it in quotes'
}

const DURATIONS = /-(?:within|for|age)$|^(?:grace|wait|keep)$/

const WANTED: Readonly<Record<string, string>> = {
  Array: 'a list',
  Object: 'a mapping',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
}

function wantedWords({ expected, input }: v.GenericIssue): string {
  if (expected === 'Array' && typeof input === 'string') return `a list: [${JSON.stringify(input)}]`
  const wanted = WANTED[expected ?? '']
  if (wanted !== undefined) return wanted
  return (expected ?? 'something else')
    .replaceAll(/^\(|\)$/g, '')
    .replaceAll(' | ', ' or ')
    .replaceAll('"', '`')
    .replace('Object', 'a mapping of conditions')
}

/** A value as a message calls it. */
export function valueWords(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  if (isMapping(input)) return 'a mapping'
  return typeof input === 'number' ? String(input) : JSON.stringify(input)
}

function isMapping(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
