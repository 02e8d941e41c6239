import type { Path } from './document.ts'
import { keyOf } from './issues.ts'
import { policySchema } from './schema.ts'
import { nearest } from './suggest.ts'

/** More than these nobody reads; a file with thousands is none. */
const MOST = 200

/** The parts of a schema that lead further in; the schema library has a type for each kind apart. */
interface Schema {
  readonly type: string
  readonly entries?: Readonly<Record<string, unknown>>
  readonly item?: unknown
  readonly wrapped?: unknown
  readonly options?: readonly unknown[]
}

export interface FormFault {
  readonly path: Path
  readonly message: string
  /** Whether the fault is the key that the path ends in, rather than what stands there. */
  readonly key: boolean
}

/**
 * Every key that the policy language doesn't have, at any depth, each with what was likely meant; and every list where
 * a mapping belongs, which the schema library takes for a mapping.
 */
export function formFaults(data: unknown): readonly FormFault[] {
  return [...first(walk(policySchema, data, []), MOST)]
}

function* first<T>(items: Iterable<T>, count: number): Generator<T> {
  let taken = 0
  for (const item of items) {
    if (taken === count) return
    taken += 1
    yield item
  }
}

function* walk(schema: unknown, data: unknown, path: Path): Generator<FormFault> {
  const { type, item, entries } = inner(schema) ?? {}
  if (Array.isArray(data) && entries !== undefined) {
    yield {
      path,
      message: `\`${keyOf(path)}\` should be ${mappingWords(schema)}, not a list`,
      key: false,
    }
  } else if (Array.isArray(data)) {
    for (const [index, element] of data.entries()) yield* walk(item, element, [...path, index])
  } else if (isMapping(data) && entries !== undefined) {
    for (const [key, value] of Object.entries(data)) {
      if (Object.hasOwn(entries, key)) yield* walk(entries[key], value, [...path, key])
      else if (type === 'strict_object') {
        yield { path: [...path, key], message: describe(key, path, entries), key: true }
      }
    }
  }
}

/** Where there is a choice, it is between a word and a mapping. */
function mappingWords(schema: unknown): string {
  if (!isSchema(schema)) return 'a mapping'
  if (schema.wrapped !== undefined) return mappingWords(schema.wrapped)
  return schema.type === 'union' ? '`always` or a mapping of conditions' : 'a mapping'
}

/** The schema inside `optional`, and of a choice the one for a mapping. */
function inner(schema: unknown): Schema | undefined {
  if (!isSchema(schema)) return undefined
  if (schema.wrapped !== undefined) return inner(schema.wrapped)
  if (schema.type !== 'union') return schema
  return schema.options?.filter(isSchema).find(({ entries }) => entries !== undefined)
}

function isSchema(part: unknown): part is Schema {
  return isMapping(part) && typeof part['type'] === 'string'
}

function describe(key: string, path: Path, entries: Readonly<Record<string, unknown>>): string {
  const where = placeName(path)
  const here = nearest(key, Object.keys(entries))
  const homes = homesOf(key)
  if (homes.length > 0 && here === undefined) {
    return `${where} has no key \`${key}\`; it belongs under ${homes.join(' or ')}`
  }
  if (here !== undefined) return `${where} has no key \`${key}\`; did you mean \`${here}\`?`
  return `${where} has no key \`${key}\`; it knows ${Object.keys(entries).join(', ')}`
}

/** How a path is called in a message: `rules[2].keep`, or "a policy" at the top. */
export function placeName(path: Path): string {
  if (path.length === 0) return 'a policy'
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  return `\`${name.slice(1)}\``
}

/** Under which keys of a policy a key would be known. */
function homesOf(key: string): readonly string[] {
  const homes = new Set<string>()
  const visit = (schema: unknown, home: string): void => {
    if (!isSchema(schema)) return
    for (const part of [schema.wrapped, schema.item, ...(schema.options ?? [])]) visit(part, home)
    for (const [name, entry] of Object.entries(schema.entries ?? {})) {
      if (name === key && home !== '') homes.add(`\`${home}\``)
      visit(entry, name)
    }
  }
  visit(policySchema, '')
  return [...homes]
}

export function isMapping(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
