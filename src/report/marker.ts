import * as v from 'valibot'
import { sha256 } from '../plan/id.ts'
import { canonicalJson } from '../shared/canonical-json.ts'

/** What a comment on a pull request says of itself where people don't see it. */
export interface Mark {
  /** Which of the comments in a repository it is: one for each policy and Harbor. */
  readonly key: string
  /** What it tells of. */
  readonly stage: Stage
  /** The plan's id; null where there is no plan. */
  readonly plan: string | null
  /** The commits that were compared: the pull request's, and the base branch's. */
  readonly head: string | null
  readonly base: string | null
  /** The run that wrote it. GitHub counts them up. */
  readonly run: number | null
  readonly attempt: number | null
}

export type Stage = (typeof STAGES)[number]

const STAGES = ['planned', 'superseded', 'waiting', 'applied', 'failed'] as const

/**
 * The comment of a policy and a Harbor.
 *
 * @param policy the policy's path in the repository, by slashes
 */
export function commentKey(policy: string, harborUrl: string): string {
  return sha256(canonicalJson([policy, harborUrl])).slice('sha256:'.length, 'sha256:'.length + 16)
}

const OPENING = '<!-- harbor-dredge '
const CLOSING = ' -->'

/** The first line of a comment: a comment of HTML's, which no value can end (HTML standard, "Comments"). */
export function markerOf(mark: Mark): string {
  const { key, stage, plan, head, base, run, attempt } = mark
  const json = JSON.stringify({ v: 1, key, stage, plan, head, base, run, attempt })
  return `${OPENING}${json.replaceAll(/[<>&\u2028\u2029]|-(?=-)/g, escaped)}${CLOSING}`
}

/** In a string of JSON; outside of strings there are none of these characters. */
function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * What a comment says of itself. Anybody who may write in the repository can have edited it: nothing is taken from it
 * but which comment it is, and what people are told.
 *
 * @returns undefined for a comment that isn't one of ours
 */
export function readMarker(text: string): Mark | undefined {
  if (!text.startsWith(OPENING)) return undefined
  const end = text.indexOf(CLOSING)
  const json = v.safeParse(v.pipe(v.string(), v.parseJson()), text.slice(OPENING.length, Math.max(end, 0)))
  const parsed = v.safeParse(MARK, json.output)
  return parsed.success ? parsed.output : undefined
}

const commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** Of a newer version of this program it may be, with other values: it is the same comment all the same. */
const MARK = v.object({
  key: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  stage: v.fallback(v.picklist(STAGES), 'planned'),
  plan: v.fallback(v.nullable(v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/))), null),
  head: v.fallback(v.nullable(commit), null),
  base: v.fallback(v.nullable(commit), null),
  run: v.fallback(v.nullable(count), null),
  attempt: v.fallback(v.nullable(count), null),
})

/**
 * Whether a comment tells of something later than a run does that looks at it: of another commit, and from a later
 * run. A run that was slow, or was started again, leaves it.
 */
export function isLater(there: Mark, mine: Mark): boolean {
  return there.head !== mine.head && (there.run ?? 0) > (mine.run ?? 0)
}
