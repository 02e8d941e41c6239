import type { Artifact } from '../inventory/types.ts'
import type { Action, Copy } from '../plan/types.ts'

/** What an apply deletes: an artifact, or a tag of one that stays. */
export type Removal = Exclude<Action, Copy>

/** What became of an action. `skipped`: it isn't due any more, or Harbor refuses it; nothing is wrong with that. */
export type Outcome = 'done' | 'skipped' | 'failed'

export interface ActionResult {
  readonly action: Action
  readonly outcome: Outcome
  /** For what was skipped or failed: what changed, or what went wrong, and what to do. */
  readonly why: string
  /** Whether an earlier run of the same apply did it. */
  readonly earlier: boolean
  /** Of a copy that was begun: what was sent, and how. */
  readonly sent?: Sending | undefined
}

/** What a copy sent. `nothing`: it was there; `tags`: only they were missing; `by-hand`: without skopeo. */
export interface Sending {
  readonly how: 'nothing' | 'tags' | 'by-hand' | 'skopeo'
  readonly bytes: number
  readonly seconds: number
}

/** Where an action stands before anything is done about it. */
export type Standing =
  | {
      readonly state: 'due'
      /** The artifact as it was decided by just now; undefined where it was gone by then. */
      readonly before: Artifact | undefined
      /** An earlier run sent its delete, and was killed before it knew what became of it. */
      readonly sentBefore: boolean
      /** The artifact's tags that the plan leaves on it. */
      readonly staying: readonly string[]
    }
  | { readonly state: 'settled'; readonly outcome: Outcome; readonly why: string; readonly earlier: boolean }
