import type { Refusal } from '../apply/check.ts'
import type { FailureReason } from '../inputs/inputs.ts'

/** How a run ended. */
export interface Outcome {
  /** 0 done; 1 failed or partly failed; 2 bad policy or usage; 3 changes, where they were to fail. */
  readonly status: 0 | 1 | 2 | 3
  /** Why it failed, or why its plan can't be applied; empty when neither. */
  readonly reason: FailureReason | ''
}

/** Ends a run early; the message says what happened, where, and what to do. */
export class Failed extends Error {
  override readonly name = 'Failed'
  readonly outcome: Outcome
  /** What is wrong one by one, each with its place, where it is a file that is wrong. */
  readonly problems: readonly string[]

  constructor(
    message: string,
    outcome: Outcome,
    options: ErrorOptions & { readonly problems?: readonly string[] } = {},
  ) {
    super(message, options)
    this.outcome = outcome
    this.problems = options.problems ?? []
  }
}

/** Ends a run before it changed anything, where something speaks against it. */
export function refuse(refusal: Refusal | undefined): void {
  if (refusal === undefined) return
  throw new Failed(`nothing was changed: ${refusal.message}`, { status: 1, reason: refusal.reason })
}
