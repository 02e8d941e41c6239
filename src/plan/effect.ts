import type { Artifact, Tag } from '../inventory/types.ts'
import type { Copy, EntryTotals, PlanProblem, PlanTotals } from './types.ts'
import type { Verdict } from './verdict.ts'

/** What an edit of the policy changes: two policies' decisions about the same registry, held against each other. */
export interface Effect {
  /** By kind, then by the line of the rule. */
  readonly groups: readonly ChangeGroup[]
  /** Copies that are made from now on, and those that no longer are. */
  readonly copies: { readonly added: readonly Copy[]; readonly removed: readonly Copy[] }
  /** Units that stay as they did, but for another reason. */
  readonly staying: number
  /** Rules and protections that match nothing, and did before or weren't there. */
  readonly dead: readonly EntryTotals[]
  /** The plan before the edit; undefined where there was no policy. */
  readonly before: PlanBefore | undefined
}

/** What is left of the plan before an edit. */
export interface PlanBefore {
  readonly complete: boolean
  readonly applyable: boolean
  readonly problems: readonly PlanProblem[]
  readonly totals: PlanTotals
}

/** What becomes of units by an edit. */
export type ChangeKind =
  /** They stayed, and go. */
  | 'deleted'
  /** They went, and stay. */
  | 'rescued'
  /** They went once they were copied, and go without that. */
  | 'uncopied'
  /** They went, and go once they are copied. */
  | 'archived'
  /** They go by another rule. */
  | 'other-rule'

/** A rule, and the line of the policy that it stands on: of the policy before the edit, if units went by it. */
export interface NamedRule {
  readonly name: string
  readonly line: number
}

/** Changes of one kind by one rule. */
export interface ChangeGroup {
  readonly kind: ChangeKind
  /** By which they go; of those that are rescued, by which they went. */
  readonly rule: NamedRule
  /** By which they went, of those that go by another rule. */
  readonly instead: NamedRule | undefined
  readonly units: number
  /** Of the artifacts that go, or that no longer do: their sizes added up. */
  readonly bytes: number
  /** By repository. */
  readonly changes: readonly Change[]
}

/** What becomes of some of an artifact's tags, or of one that has none. */
export interface Change {
  readonly repository: string
  readonly artifact: Artifact
  /** The units that changed; none of an artifact that has no tag, or that changes because of others. */
  readonly tags: readonly Tag[]
  /** What decided the first of them; undefined where it isn't in scope, and where there is no policy. */
  readonly before: Verdict | undefined
  readonly after: Verdict | undefined
  /** Whether the whole artifact goes now and didn't, or the other way round. */
  readonly whole: boolean
  /** Why an artifact goes or went that changes because of others. */
  readonly along?: string
}
