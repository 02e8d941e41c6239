import type { Condition, Protection, Rule } from '../policy/types.ts'
import type { Duration } from '../shared/duration.ts'

/** What becomes of a unit. `archive` is a delete that waits for a verified copy. */
export type Decision = 'protected' | 'kept' | 'archive' | 'delete'

/** What decided a unit. Units that were decided alike share one verdict. */
export type Verdict =
  | { readonly code: 'immutable' | 'immutable-unknown' }
  | { readonly code: 'protect'; readonly by: Protection }
  | { readonly code: 'grace'; readonly grace: Duration }
  | { readonly code: 'keep-per-repository'; readonly rank: number; readonly of: number }
  /** `rank`: its image's place in its group, from 1; 0 where its age or membership isn't known. */
  | { readonly code: 'keep-newest'; readonly by: Rule; readonly rank: number; readonly group: string }
  | { readonly code: 'keep-condition'; readonly by: Rule; readonly condition: Condition }
  | { readonly code: 'archive' | 'delete'; readonly by: Rule }
  /** A rule would let it go, but for this condition. */
  | { readonly code: 'not-due'; readonly by: Rule; readonly condition: Condition }
  | { readonly code: 'no-rule' }
  /** It was to go, but is held. */
  | { readonly code: Hold }

/**
 * What holds an artifact that was to go. `held`: what belongs to it has a tag of its own, or isn't known; `held-index`: an
 * accessory is an index; `held-part`: it is a child of such an accessory.
 */
export type Hold = 'held' | 'held-index' | 'held-part'

export const HELD: Readonly<Record<Hold, Verdict>> = {
  held: { code: 'held' },
  'held-index': { code: 'held-index' },
  'held-part': { code: 'held-part' },
}

/** What decided, for machines. */
export type ReasonCode = Verdict['code']

/** What stands until something else is decided. */
export const NO_RULE: Verdict = { code: 'no-rule' }

/** Protected, then kept, then archived, then deleted, then kept since no rule says otherwise. */
const PRECEDENCE: Readonly<Record<ReasonCode, number>> = {
  immutable: 0,
  'immutable-unknown': 0,
  protect: 1,
  grace: 2,
  'keep-per-repository': 3,
  'keep-newest': 4,
  'keep-condition': 4,
  archive: 5,
  delete: 6,
  'not-due': 7,
  'no-rule': 8,
  // Never proposed: what is held was to go until it turned out to be held.
  held: 9,
  'held-index': 9,
  'held-part': 9,
}

/** Which of two verdicts on a unit stands; of equals the first. */
export function stronger(standing: Verdict, other: Verdict): Verdict {
  return PRECEDENCE[other.code] < PRECEDENCE[standing.code] ? other : standing
}

const DECISIONS: Readonly<Record<ReasonCode, Decision>> = {
  immutable: 'protected',
  'immutable-unknown': 'protected',
  protect: 'protected',
  grace: 'protected',
  'keep-per-repository': 'protected',
  'keep-newest': 'kept',
  'keep-condition': 'kept',
  archive: 'archive',
  delete: 'delete',
  'not-due': 'kept',
  'no-rule': 'kept',
  held: 'kept',
  'held-index': 'kept',
  'held-part': 'kept',
}

export function decisionOf({ code }: Verdict): Decision {
  return DECISIONS[code]
}

/** Whether a verdict lets its unit go. */
export function goes({ code }: Verdict): boolean {
  return code === 'delete' || code === 'archive'
}

/** The entry of the policy that decided; undefined for what is built in. */
export function entryOf(verdict: Verdict): Rule | Protection | undefined {
  return 'by' in verdict ? verdict.by : undefined
}
