// What an apply writes down, a line of JSON each: enough to go on after it was killed, and to put back what it deleted.
import * as v from 'valibot'
import type { Digest } from '../inventory/types.ts'

export const JOURNAL_FORMAT = 'harbor-dredge/journal/1'

const instant = v.pipe(v.string(), v.isoTimestamp())
const label = v.object({ name: v.string(), id: v.nullable(v.number()) })

/** A manifest as it was before it went, with what stood on it. */
const savedManifest = v.object({
  digest: v.string(),
  /** What it was to the artifact that was deleted. */
  role: v.picklist(['artifact', 'child', 'accessory']),
  mediaType: v.string(),
  /** Its bytes, in Base64. */
  content: v.string(),
  tags: v.array(v.string()),
  labels: v.array(label),
})

/** The first line: whose journal this is. */
export const begun = v.object({
  record: v.literal('begun'),
  format: v.literal(JOURNAL_FORMAT),
  at: instant,
  tool: v.string(),
  plan: v.string(),
  harbor: v.string(),
})

/**
 * Written before a delete is sent: what it takes. `manifests` are in the order in which they go back: children before
 * their index, that before its accessories. A tag that is deleted alone has none.
 */
export const saved = v.object({
  record: v.literal('saved'),
  at: instant,
  item: v.string(),
  repository: v.string(),
  digest: v.string(),
  /** The tags that go. */
  tags: v.array(v.string()),
  manifests: v.array(savedManifest),
})

/** The delete is sent next: without an outcome behind it, whether it was made has to be looked up. */
export const sent = v.object({ record: v.literal('sent'), at: instant, item: v.string() })

export const outcome = v.object({
  record: v.literal('outcome'),
  at: instant,
  item: v.string(),
  outcome: v.picklist(['done', 'skipped', 'failed']),
  why: v.string(),
  /** Of a copy: the repository at the mirror, with host and path, in which the image is. */
  target: v.exactOptional(v.string()),
  /** Of a copy that is done: digests of the accessories that are there with it; older journals lack it. */
  accessories: v.exactOptional(v.array(v.string())),
})

/** A restore put it back. */
export const restored = v.object({ record: v.literal('restored'), at: instant, item: v.string() })

export const record = v.variant('record', [begun, saved, sent, outcome, restored])

export type JournalRecord = v.InferOutput<typeof record>
export type SavedManifest = v.InferOutput<typeof savedManifest>
export type Saved = v.InferOutput<typeof saved>
export type OutcomeRecord = v.InferOutput<typeof outcome>
export type Outcome = OutcomeRecord['outcome']

/** The name of an action within its plan. */
export function itemOf(action: {
  readonly kind: string
  readonly repository: string
  readonly digest: Digest
  readonly tag?: string
}): string {
  const tag = action.tag === undefined ? '' : `:${action.tag}`
  return `${action.kind} ${action.repository}@${action.digest}${tag}`
}
