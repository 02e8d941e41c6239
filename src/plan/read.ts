import * as v from 'valibot'
import { messageOf } from '../shared/failure.ts'
import { PLAN_FORMAT } from './types.ts'

export type ReadPlanResult =
  { readonly plan: ReadPlan } | { readonly fault: 'unreadable' | 'format'; readonly message: string }

const digest = v.pipe(v.string(), v.regex(/^[a-z0-9+._-]+:[0-9A-Za-z=_-]{32,}$/, 'is not a digest'))
const instant = v.pipe(v.string(), v.isoTimestamp())
const repository = v.pipe(v.string(), v.regex(/^[^/]+\/.+$/, 'is not project/repository'))
const cause = {
  rule: v.string(),
  reason: v.string(),
  after: v.exactOptional(v.string()),
  follows: v.exactOptional(v.array(digest)),
}

const action = v.variant('kind', [
  v.strictObject({
    kind: v.literal('delete-artifact'),
    repository,
    digest,
    tags: v.array(v.string()),
    children: v.array(digest),
    accessories: v.array(digest),
    size: v.number(),
    pushed: instant,
    pulled: v.nullable(instant),
    ...cause,
  }),
  v.strictObject({
    kind: v.literal('delete-tag'),
    repository,
    digest,
    tag: v.pipe(v.string(), v.minLength(1)),
    ...cause,
  }),
  v.strictObject({
    kind: v.literal('copy'),
    repository,
    digest,
    tags: v.array(v.string()),
    target: v.string(),
    accessories: v.array(digest),
    rule: v.string(),
    reason: v.string(),
  }),
])

const planFile = v.object({
  format: v.literal(PLAN_FORMAT),
  id: v.string(),
  createdAt: instant,
  now: instant,
  harbor: v.object({ url: v.string(), version: v.string() }),
  policy: v.object({ path: v.string(), digest: v.string() }),
  complete: v.boolean(),
  applyable: v.boolean(),
  problems: v.array(v.object({ code: v.string(), message: v.string() })),
  totals: v.object({
    sizes: v.picklist(['exact', 'estimate', 'off']),
    reclaimableBytes: v.nullable(v.number()),
  }),
  actions: v.array(action),
})

/** What apply goes by of a plan file; the rest is for people. */
export type ReadPlan = v.InferOutput<typeof planFile>

/** Reads a plan file; trusts nothing in it. Whether it is the plan that was approved is for its id to tell. */
export function readPlan(text: string): ReadPlanResult {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    return { fault: 'unreadable', message: `it is no JSON, or not whole: ${messageOf(error)}; plan again` }
  }
  const format = isObject(data) ? data['format'] : undefined
  if (typeof format === 'string' && format !== PLAN_FORMAT) {
    const message = `its format is \`${format.slice(0, 100)}\`, and this version applies ${PLAN_FORMAT}; plan again with it`
    return { fault: 'format', message }
  }
  const parsed = v.safeParse(planFile, data)
  if (parsed.success) return { plan: parsed.output }
  const [issue] = parsed.issues
  const where = v.getDotPath(issue) ?? 'it'
  return { fault: 'unreadable', message: `\`${where}\` is not as in a plan: ${issue.message}; plan again` }
}

function isObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null
}
