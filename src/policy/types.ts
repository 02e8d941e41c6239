import type { Duration } from '../shared/duration.ts'
import type { PatternList } from '../patterns/list.ts'
import type { Regex } from '../patterns/regex.ts'
import type { VersionRange } from '../patterns/version.ts'

/** A policy, read and checked: every pattern compiled, every default filled in. */
export interface Policy {
  readonly scope: Scope
  readonly protect: readonly Protection[]
  readonly rules: readonly Rule[]
  readonly mirror: Mirror
  readonly limits: Limits
  readonly gc: GcPolicy
  /** How long what was deleted stays restorable; undefined where nothing is kept for it. */
  readonly trash: { readonly keep: Duration } | undefined
  /** Keys that are read and checked, and that this version does nothing by. */
  readonly unused: readonly string[]
}

/** Which projects and repositories are read. What isn't given is everything that the account can see. */
export interface Scope {
  readonly projects?: PatternList
  readonly repositories?: PatternList
}

/** An entry of `protect`: a unit for which all that is given holds is never deleted. */
export interface Protection {
  readonly name: string
  readonly line: number
  readonly select: Select
  readonly conditions: readonly Condition[]
}

export interface Rule {
  readonly name: string
  readonly line: number
  readonly select: Select
  readonly keep?: Keep
  /** Conditions of each action; none at all is `always`. */
  readonly delete?: readonly Condition[]
  readonly archive?: readonly Condition[]
  readonly copy?: readonly Condition[]
}

/** What a rule is about: tags, artifacts without a tag, or cosign tags whose subject is gone. */
export type Family = 'tags' | 'untagged' | 'orphans'

/** Who belongs. All that is given must hold. */
export interface Select {
  /** Undefined in a protection that doesn't say: it is about all of them. */
  readonly family?: Family
  readonly projects?: PatternList
  readonly repositories?: PatternList
  readonly tags?: PatternList
  readonly labels?: PatternList
  readonly types?: PatternList
  readonly platforms?: PatternList
  readonly semver?: { readonly range: string; readonly includes: VersionRange }
  readonly prerelease?: boolean
  readonly signed?: boolean
  readonly size?: SizeBound
}

export interface SizeBound {
  readonly written: string
  readonly operator: '>' | '>=' | '<' | '<='
  readonly bytes: number
}

/** A condition on a unit's times, with the duration as it was written. */
export type Condition =
  | { readonly kind: TimeCondition; readonly duration: Duration; readonly written: string }
  | { readonly kind: 'severity-at-least'; readonly severity: string; readonly written: string }

export type TimeCondition = (typeof TIME_CONDITIONS)[number]

export const TIME_CONDITIONS = [
  'pushed-within',
  'not-pushed-for',
  'pulled-within',
  'not-pulled-for',
  'created-within',
  'not-created-for',
] as const

/** What a rule exempts from its family: the newest images of each group, and whatever a condition holds for. */
export interface Keep {
  readonly newest?: number
  readonly by: KeepOrder
  readonly per?: Grouping
  readonly conditions: readonly Condition[]
}

export type KeepOrder = (typeof KEEP_ORDERS)[number]

export const KEEP_ORDERS = ['pushed', 'created', 'pulled', 'semver', 'name'] as const

/** How a family falls into groups: by version, or by what an expression captures. */
export type Grouping = 'major' | 'minor' | Regex

/** How garbage collection is run. */
export interface GcPolicy {
  /** Whether after an apply. */
  readonly run: boolean
  readonly deleteUntagged: boolean
  /** How long it is waited for. */
  readonly wait: Duration
}

export interface Limits {
  /** Units at most that a plan may delete. */
  readonly maxDeletes: number
  /** Percent at most of all units read. */
  readonly maxDeletePercent: number
  /** Newest tagged images of each repository that are never deleted. */
  readonly keepPerRepository: number
  /** What was pushed more recently is never deleted. */
  readonly grace: Duration
  /** How old a plan may be when it is applied. */
  readonly maxPlanAge: Duration
  /** Whether an apply removes repositories that it leaves empty. */
  readonly removeEmptyRepositories: boolean
}

export interface Mirror {
  /** The target repository: `{project}` and `{repository}` stand for the source's. */
  readonly repository: string
  readonly replace: readonly { readonly from: Regex; readonly to: string }[]
  /** What becomes of a tag that stands on another image at the mirror. */
  readonly overwrite: (typeof OVERWRITES)[number]
  readonly verify: (typeof VERIFICATIONS)[number]
  /** How long a copy may move nothing. */
  readonly stallTimeout: Duration
}

/** `never` leaves the tag and says so, `fail` makes it a failure, `always` moves it. */
export const OVERWRITES = ['never', 'always', 'fail'] as const
export const VERIFICATIONS = ['digest', 'deep'] as const
