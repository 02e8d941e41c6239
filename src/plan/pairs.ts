import type { Artifact, Tag } from '../inventory/types.ts'
import type { DecidedRepository } from './decided.ts'
import type { PlannedRepository } from './plan-repository.ts'
import type { Unit } from './unit.ts'
import { entryOf, goes, type Verdict } from './verdict.ts'

/** A unit as two policies decided it; undefined where it isn't in scope of the one. */
export interface Pair {
  readonly artifact: Artifact
  readonly tag: Tag | null
  readonly before: Verdict | undefined
  readonly after: Verdict | undefined
}

/** The units of a repository that were decided differently, those of an artifact next to each other. */
export function* pairsOf(
  after: DecidedRepository | undefined,
  before: PlannedRepository | undefined,
): Generator<Pair> {
  if (after === undefined || before === undefined) {
    yield* lonely(after, before)
  } else if (after.repository === before.decided.repository) {
    for (const [index, { artifact, tag, verdict }] of before.tree.units.entries()) {
      const decided = after.verdicts[index]
      if (decided !== undefined && differs(decided, verdict)) {
        yield { artifact, tag, before: verdict, after: decided }
      }
    }
  } else {
    yield* readApart(after, before)
  }
}

/** Of a repository that only one policy has in its scope, what goes. */
function* lonely(
  after: DecidedRepository | undefined,
  before: PlannedRepository | undefined,
): Generator<Pair> {
  if ((after ?? before?.decided)?.totals.deletes === 0) return
  for (const { artifact, tag, verdict } of after?.units ?? before?.tree.units ?? []) {
    if (!goes(verdict)) continue
    yield after === undefined
      ? { artifact, tag, before: verdict, after: undefined }
      : { artifact, tag, before: undefined, after: verdict }
  }
}

/** Of a repository that was read once more for one of the policies. What came or went in between is no effect of the edit. */
function* readApart(after: DecidedRepository, before: PlannedRepository): Generator<Pair> {
  const decided = new Map(after.units.map((unit) => [keyOf(unit), unit.verdict]))
  for (const unit of before.tree.units) {
    const verdict = decided.get(keyOf(unit))
    if (verdict === undefined || !differs(verdict, unit.verdict)) continue
    yield { artifact: unit.artifact, tag: unit.tag, before: unit.verdict, after: verdict }
  }
}

function keyOf({ artifact, tag }: Unit): string {
  return tag === null ? artifact.digest : `${artifact.digest} ${tag.name}`
}

/** Whether two verdicts aren't the same, or are, but by another entry of the policy. */
function differs(one: Verdict, other: Verdict): boolean {
  return one.code !== other.code || entryOf(one)?.name !== entryOf(other)?.name
}
