// policy.schema.json, which editors check policies by: it follows from the sources, takes the example, and refuses what
// the policy language refuses as far as a JSON Schema can say it.
import { describe, expect, test } from '@jest/globals'
import { toJsonSchema } from '@valibot/to-json-schema'
import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { policySchema } from '../../src/policy/schema.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'
import { EXAMPLE } from './example.ts'
import { ALL_TAGS, problemsOf, withMore, withRule } from './problems.ts'

const WRITTEN = readFileSync('policy.schema.json', 'utf8')
const SCHEMA: unknown = parseJson<unknown>(WRITTEN)

/** Checks by the keywords that the schema has; one that it may come to have is an error, not passed over. */
function accepts(schema: unknown, data: unknown): boolean {
  if (!isRecord(schema)) throw new Error(`no schema: ${JSON.stringify(schema)}`)
  return Object.entries(schema).every(([keyword, bound]) => {
    const check = KEYWORDS[keyword]
    if (check === undefined) throw new Error(`unknown keyword ${keyword}`)
    return check(bound, data, schema)
  })
}

type Check = (bound: unknown, data: unknown, schema: Readonly<Record<string, unknown>>) => boolean

function isList(data: unknown): data is readonly unknown[] {
  return Array.isArray(data)
}

function typeOf(data: unknown): string {
  if (data === null) return 'null'
  if (isList(data)) return 'array'
  return Number.isInteger(data) ? 'integer' : typeof data
}

const always = (): boolean => true

const KEYWORDS: Readonly<Record<string, Check | undefined>> = {
  $schema: always,
  title: always,
  description: always,
  type: (bound, data) => typeOf(data) === bound || (bound === 'number' && typeOf(data) === 'integer'),
  const: (bound, data) => data === bound,
  enum: (bound, data) => isList(bound) && bound.includes(data),
  anyOf: (bound, data) => isList(bound) && bound.some((schema) => accepts(schema, data)),
  items: (bound, data) => !isList(data) || data.every((item) => accepts(bound, item)),
  minItems: (bound, data) => !isList(data) || data.length >= Number(bound),
  minLength: (bound, data) => typeof data !== 'string' || data.length >= Number(bound),
  maxLength: (bound, data) => typeof data !== 'string' || data.length <= Number(bound),
  pattern: (bound, data) => typeof data !== 'string' || new RegExp(String(bound), 'u').test(data),
  minimum: (bound, data) => typeof data !== 'number' || data >= Number(bound),
  maximum: (bound, data) => typeof data !== 'number' || data <= Number(bound),
  required: (bound, data) =>
    !isRecord(data) || (isList(bound) && bound.every((key) => Object.hasOwn(data, String(key)))),
  properties: (bound, data) =>
    !isRecord(data) ||
    (isRecord(bound) &&
      Object.entries(data).every(([key, value]) => !Object.hasOwn(bound, key) || accepts(bound[key], value))),
  additionalProperties: (bound, data, { properties }) =>
    bound !== false ||
    !isRecord(data) ||
    Object.keys(data).every((key) => isRecord(properties) && Object.hasOwn(properties, key)),
}

function isAccepted(text: string): boolean {
  return accepts(SCHEMA, parseYaml(text))
}

test('follows from the sources: npm run generate', () => {
  const schema = toJsonSchema(policySchema, { typeMode: 'input', errorMode: 'ignore' })
  expect(WRITTEN).toBe(`${JSON.stringify({ title: 'harbor-dredge policy', ...schema }, null, 2)}\n`)
})

test('is of the draft that editors read', () => {
  expect(SCHEMA).toHaveProperty('$schema', 'http://json-schema.org/draft-07/schema#')
})

describe('takes', () => {
  test.each([
    ['the example', EXAMPLE],
    ['one rule', withRule(ALL_TAGS)],
    ['conditions in the place of always', withRule(ALL_TAGS, 'archive: { not-pulled-for: 90d }')],
    ['what a test may have', withMore('tests: [{ name: t, now: 2026-11-21, whatever: [1] }]')],
  ])('%s', (_, text) => {
    expect([isAccepted(text), problemsOf(text)]).toEqual([true, []])
  })
})

describe('refuses, as the policy language does,', () => {
  test.each([
    ['an unknown key at the top', withMore('dry-run: true')],
    ['an unknown key of a rule', withRule(ALL_TAGS, 'when: x', 'copy: always')],
    ['an unknown key of a select', withRule('{ tag: [a] }')],
    ['an unknown key of a keep', withRule(ALL_TAGS, 'keep: { keep_newest: 3 }', 'copy: always')],
    ['an unknown condition', withRule(ALL_TAGS, 'delete: { older-than: 3d }')],
    ['an unknown key of a protection', withMore('protect: [{ name: p, tag: [a] }]')],
    ['an unknown limit', withMore('limits: { max_deletes: 5 }')],
    ['an unknown key of a replacement', withMore('mirror: { replace: [{ from: a, to: b, with: c }] }')],
    ['a policy without rules', 'version: 1\n'],
    ['a policy with no rules', 'version: 1\nrules: []\n'],
    ['another version', withRule(ALL_TAGS).replace('version: 1', 'version: 2')],
    ['a rule without a name', withRule(ALL_TAGS).replace('name: a', 'keep: { newest: 3 }')],
    ['a rule without a select', withRule(ALL_TAGS).replace('select:', 'keep:')],
    ['an empty name', withRule(ALL_TAGS).replace('name: a', 'name: ""')],
    ['a text for a list', withRule('{ tags: v* }')],
    ['an empty list', withRule('{ tags: [] }')],
    ['a number for a text', withRule('{ tags: [1.0] }')],
    ['a text for a number', withMore('limits: { max-deletes: "5" }')],
    ['half of a delete', withMore('limits: { max-deletes: 0.5 }')],
    ['less than nothing', withMore('limits: { max-deletes: -1 }')],
    ['more than everything', withMore('limits: { max-delete-percent: 101 }')],
    ['months', withRule(ALL_TAGS, 'delete: { not-pushed-for: 1mo }')],
    ['a size without a bound', withRule('{ size: 500MiB }')],
    ['another word than always', withRule(ALL_TAGS, 'delete: yes please')],
    ['a list of conditions', withRule(ALL_TAGS, 'delete: [not-pushed-for: 3d]')],
    ['an order that there is not', withRule(ALL_TAGS, 'keep: { newest: 3, by: age }', 'copy: always')],
    ['a severity that there is not', withRule(ALL_TAGS, 'keep: { severity-at-least: high }', 'copy: always')],
  ])('%s', (_, text) => {
    expect([isAccepted(text), problemsOf(text).length > 0]).toEqual([false, true])
  })

  // Lists in the place of mappings: here the schema is right and the reader isn't.
  test.each([
    ['a list of limits', withMore('limits: []')],
    ['a list of selects', withRule('[tags: ["*"]]')],
  ])('%s (the schema alone)', (_, text) => {
    expect(isAccepted(text)).toBe(false)
  })
})

/** Every key of every mapping in the schema, with whether an editor has something to say about it. */
function describedKeys(schema: unknown): (readonly [string, boolean])[] {
  if (isList(schema)) return schema.flatMap((part) => describedKeys(part))
  if (!isRecord(schema)) return []
  const { properties } = schema
  const own = isRecord(properties)
    ? Object.entries(properties).map(([key, part]) => [key, isRecord(part) && 'description' in part] as const)
    : []
  return [...own, ...Object.values(schema).flatMap((part) => describedKeys(part))]
}

test('says of each selector and condition what it means', () => {
  const dumb = describedKeys(SCHEMA).filter(
    ([key, isDescribed]) =>
      !isDescribed && (key.endsWith('-for') || key.endsWith('-within') || key === 'tags'),
  )
  expect(dumb).toEqual([])
})
