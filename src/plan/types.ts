import type { Digest } from '../inventory/types.ts'
import type { Mirror } from '../policy/types.ts'

/** A plan file, as apply reads it. Same inputs give the same bytes, `createdAt` aside. */
export interface Plan {
  readonly format: typeof PLAN_FORMAT
  /** `sha256:` over the canonical JSON of format, Harbor's URL, the policy's digest and the actions. */
  readonly id: Digest
  readonly createdAt: string
  /** The moment that was decided for. */
  readonly now: string
  readonly tool: string
  readonly harbor: { readonly url: string; readonly version: string }
  readonly policy: { readonly path: string; readonly digest: Digest }
  /** Everything in scope was read to its end. */
  readonly complete: boolean
  /** Complete, something to do, and no problem. */
  readonly applyable: boolean
  readonly problems: readonly PlanProblem[]
  readonly totals: PlanTotals
  readonly actions: readonly Action[]
  readonly rules: readonly EntryTotals[]
  readonly protections: readonly EntryTotals[]
  readonly repositories: readonly RepositoryTotals[]
  /** The mirror as it was found; null where nothing is copied, or to nowhere. Not covered by the id, nor are the targets. */
  readonly mirror: PlanMirror | null
  /** What it has of each copy, in the order of the actions; none where there is no mirror. */
  readonly targets: readonly PlanTarget[]
}

export const PLAN_FORMAT = 'harbor-dredge/plan/1'

/** Why a plan can't be applied. */
export interface PlanProblem {
  readonly code: 'incomplete' | 'limit-exceeded' | 'other-time' | 'copy-collision' | 'copy-target'
  readonly message: string
}

export interface PlanTotals {
  readonly projects: number
  readonly repositories: number
  /** Artifacts that were read, without the children and accessories that belong to another. */
  readonly artifacts: number
  readonly tags: number
  /** Tags and untagged artifacts: what was decided one by one. */
  readonly units: number
  /** Units that go. */
  readonly deletes: number
  /** Actions of each kind. */
  readonly deleteTags: number
  readonly deleteArtifacts: number
  readonly copies: number
  /** Units. */
  readonly kept: number
  readonly protected: number
  /** How `reclaimableBytes` was had: counted blob by blob, bounded from above, or not at all. */
  readonly sizes: 'exact' | 'estimate' | 'off'
  /** Bytes that garbage collection frees: just these (`exact`), at most these (`estimate`), or null (`off`). */
  readonly reclaimableBytes: number | null
  /** The sizes of the deleted artifacts added up: what they share with others is in it. */
  readonly naiveBytes: number
  /** The sizes of what is copied added up, but for what the mirror is known to have: no more than this is sent. */
  readonly copyBytes: number
}

/** What apply does. A type, not an interface, since it is hashed as JSON. */
export type Action = DeleteArtifact | DeleteTag | Copy

export type DeleteArtifact = {
  readonly kind: 'delete-artifact'
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  /** What goes with it. */
  readonly children: readonly Digest[]
  readonly accessories: readonly Digest[]
  readonly size: number
  /** The last push of it or of a tag onto it. */
  readonly pushed: string
  readonly pulled: string | null
  readonly rule: string
  readonly reason: string
  /** The copy that has to be verified first. */
  readonly after?: string
  /** The subjects that cosign's tags on it name: it goes only once they are gone. */
  readonly follows?: readonly Digest[]
}

export type DeleteTag = {
  readonly kind: 'delete-tag'
  readonly repository: string
  readonly digest: Digest
  readonly tag: string
  readonly rule: string
  readonly reason: string
  readonly after?: string
  readonly follows?: readonly Digest[]
}

export type Copy = {
  readonly kind: 'copy'
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  /** The target repository, with the mirror's host and prefix where they are known. */
  readonly target: string
  readonly accessories: readonly Digest[]
  readonly rule: string
  readonly reason: string
}

/** A mirror that a plan was held against, and how many copies stand how there. */
export interface PlanMirror extends Readonly<Record<TargetState, number>> {
  readonly url: string
  /** What becomes of an `update`: `never` leaves it, `fail` fails. */
  readonly overwrite: Mirror['overwrite']
}

/**
 * How a copy stands at the mirror. `new`: not there, or not all of it; `same`: nothing to do; `update`: a tag of it stands
 * on another image there; `blocked`: and is never moved; `unknown`: could not be read.
 */
export type TargetState = (typeof TARGET_STATES)[number]

export const TARGET_STATES = ['new', 'update', 'same', 'blocked', 'unknown'] as const

/** What the mirror had of one copy when the plan was made. An apply looks again. */
export interface PlanTarget {
  readonly repository: string
  readonly digest: Digest
  readonly target: string
  readonly state: TargetState
  /** What its tags stand on there; null where there is no such tag. */
  readonly tags: Readonly<Record<string, Digest | null>>
  /** What is sent at most. */
  readonly bytes: number
  /** Why it isn't known. */
  readonly why: string
}

/** What a rule or a protection did. */
export interface EntryTotals {
  readonly name: string
  readonly line: number
  /** Units in its family. */
  readonly selected: number
  /** Of them, exempt by its `keep`. */
  readonly kept: number
  /** Units that go, or are copied, in its name. */
  readonly acted: number
}

export interface RepositoryTotals {
  readonly name: string
  readonly artifacts: number
  readonly tags: number
  readonly units: number
  readonly deletes: number
  readonly deleteTags: number
  readonly deleteArtifacts: number
  readonly copies: number
  readonly kept: number
  readonly protected: number
  /** The sizes of the artifacts that go, added up. */
  readonly bytes: number
  /** The sizes of what is copied, added up. */
  readonly copyBytes: number
}
