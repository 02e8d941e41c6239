// Workflow files, as far as the examples use the language; whatever else stands in one is refused.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'

export const DREDGE = 'harbor-dredge/harbor-dredge'
export const EXAMPLES = path.resolve(import.meta.dirname, '..', '..', 'examples')

const text = v.union([v.string(), v.pipe(v.union([v.number(), v.boolean()]), v.transform(String))])
const texts = v.record(v.string(), text)

const step = v.strictObject({
  name: v.string(),
  id: v.optional(v.string()),
  if: v.optional(v.string()),
  uses: v.optional(v.string()),
  with: v.optional(texts, {}),
  env: v.optional(texts, {}),
  run: v.optional(v.string()),
})

const job = v.strictObject({
  name: v.string(),
  needs: v.optional(v.string()),
  if: v.optional(v.string()),
  'runs-on': v.literal('ubuntu-24.04'),
  'timeout-minutes': v.number(),
  environment: v.pipe(
    v.union([v.string(), v.strictObject({ name: v.string(), deployment: v.literal(false) })]),
    v.transform((environment) => (typeof environment === 'string' ? environment : environment.name)),
  ),
  concurrency: v.optional(v.strictObject({ group: v.string(), 'cancel-in-progress': v.boolean() })),
  permissions: v.record(v.string(), v.picklist(['read', 'write'])),
  outputs: v.optional(v.record(v.string(), v.string()), {}),
  steps: v.array(step),
})

const workflow = v.strictObject({
  name: v.string(),
  on: v.record(v.string(), v.unknown()),
  permissions: v.strictObject({}),
  concurrency: v.optional(v.strictObject({ group: v.string(), 'cancel-in-progress': v.boolean() })),
  jobs: v.record(v.string(), job),
})

export type Step = v.InferOutput<typeof step>
export type Job = v.InferOutput<typeof job>
export type Workflow = v.InferOutput<typeof workflow>

export function exampleNames(): readonly string[] {
  return readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.yml'))
    .toSorted()
}

export function readExample(name: string): Workflow {
  return v.parse(workflow, parse(readFileSync(path.join(EXAMPLES, name), 'utf8')))
}

/** The action that a step uses, without its commit; empty for a script. */
export function actionOf({ uses = '' }: Step): string {
  return uses.replace(/@.*$/, '')
}
