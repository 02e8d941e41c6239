import type { BinItem } from '../bin/bin.ts'
import { weightOf, type Note } from './notes.ts'
import type { Decision, Fetch, Outcome, Result } from './types.ts'

/** Whether it may be for an apply that an item is gone: its delete was sent, and nobody put it back since. */
export function isDue({ sent, outcome, restored }: BinItem): boolean {
  return sent && outcome !== 'skipped' && !restored
}

/** What a decision comes to if all its steps succeed. */
export function foreseen({ steps, notes, expected }: Decision): Outcome {
  const weights = new Set(notes.map((note) => weightOf(note)))
  const isSpoilt = weights.has('lost') || weights.has('failed')
  if (steps.length > 0) return isSpoilt ? 'partly' : 'restored'
  if (weights.has('failed')) return 'failed'
  if (isSpoilt) return 'lost'
  if (expected.length > 0) return 'already'
  return notes.some(isAside) ? 'aside' : 'lost'
}

/** What a decision takes from a mirror. */
export function fetchesOf({ steps }: Decision): readonly Fetch[] {
  return steps.filter((step) => step.kind === 'fetch')
}

function isAside({ code }: Note): boolean {
  return code === 'not-deleted' || code === 'gone-again'
}

/** Why a restore isn't a success, if it isn't: what failed may succeed the next time, what is lost won't. */
export function failureOf(results: readonly Result[]): 'partly-failed' | 'not-restorable' | undefined {
  const weights = new Set(results.flatMap(({ notes }) => notes.map((note) => weightOf(note))))
  if (weights.has('failed')) return 'partly-failed'
  return weights.has('lost') || results.some(({ outcome }) => outcome === 'lost')
    ? 'not-restorable'
    : undefined
}
