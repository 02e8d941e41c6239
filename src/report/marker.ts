import * as v from 'valibot'
import { sha256 } from '../plan/id.ts'
import { canonicalJson } from '../shared/canonical-json.ts'

/** What a comment on a pull request says of itself where people don't see it. */
export interface Marker {
  /** Which of the comments in a repository it is: one for each policy and Harbor. */
  readonly key: string
  /** Where the plan that it shows is in its life. */
  readonly state: State
  /** The plan's id; null where there is no plan. */
  readonly plan: string | null
  /** The commits that were compared: the pull request's, and the base branch's. */
  readonly head: string | null
  readonly base: string | null
  /** The run that wrote it. GitHub counts them up. */
  readonly run: number | null
  readonly attempt: number | null
}

export type State = (typeof STATES)[number]

const STATES = [
  'planned',
  'blocked',
  'idle',
  'superseded',
  'waiting',
  'applying',
  'applied',
  'failed',
  'offline',
] as const

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
export function markerLine(marker: Marker): string {
  const { key, state, plan, head, base, run, attempt } = marker
  const json = JSON.stringify({ v: 1, key, state, plan, head, base, run, attempt })
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
export function readMarker(text: string): Marker | undefined {
  if (!text.startsWith(OPENING)) return undefined
  const end = text.indexOf(CLOSING)
  const json = v.safeParse(v.pipe(v.string(), v.parseJson()), text.slice(OPENING.length, Math.max(end, 0)))
  const parsed = v.safeParse(MARKER, json.output)
  return parsed.success ? parsed.output : undefined
}

const commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1))

/** Of a newer version of this program it may be, with other values: it is the same comment all the same. */
const MARKER = v.object({
  key: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  state: v.fallback(v.picklist(STATES), 'planned'),
  plan: v.fallback(v.nullable(v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/))), null),
  head: v.fallback(v.nullable(commit), null),
  base: v.fallback(v.nullable(commit), null),
  run: v.fallback(v.nullable(count), null),
  attempt: v.fallback(v.nullable(count), null),
})

/** A comment with another marker in the place of the one that it has. */
export function withMarker(text: string, marker: Marker): string {
  const [first = '', ...rest] = text.split('\n')
  return [markerLine(marker), ...(readMarker(first) === undefined ? [first] : []), ...rest].join('\n')
}

/**
 * Whether a comment tells of something later than a run does that looks at it: of another commit, and from a later
 * run. A run that was slow, or was started again, leaves it.
 */
export function isLater(there: Marker, mine: Marker): boolean {
  return there.head !== mine.head && (there.run ?? 0) > (mine.run ?? 0)
}
