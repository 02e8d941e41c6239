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

function keyOf(path: Path): string {
  return path.findLast((step) => typeof step === 'string') ?? 'the policy'
}

function wrongType(issue: v.GenericIssue, path: Path): string {
  const key = keyOf(path)
  if (issue.received === 'undefined') return `\`${String(path.at(-1))}\` is missing`
  const wanted = wantedWords(issue)
  if (issue.input === null) return `\`${key}\` has no value; expected ${wanted}`
  const unquoted = issue.expected === 'string' && ['number', 'boolean'].includes(typeof issue.input)
  const hint = !unquoted
    ? ''
    : typeof path.at(-1) === 'number'
      ? '; put it in quotes'
      : '; does it lack a unit, or quotes?'
  return `\`${key}\` should be ${wanted}, not ${receivedWords(issue.input)}${hint}`
}

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

function receivedWords(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  return isMapping(input) ? 'a mapping' : JSON.stringify(input)
}

function isMapping(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
