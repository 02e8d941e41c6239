import { selectsRepository } from '../policy/needs.ts'
import type { Policy, Protection } from '../policy/types.ts'
import type { Instant } from '../shared/instant.ts'
import { firstUnmet } from './conditions.ts'
import type { FamilyTree } from './family-tree.ts'
import { newestOf } from './newest.ts'
import { selectsUnit } from './select.ts'
import type { Tallies } from './tally.ts'
import type { Verdict } from './verdict.ts'

const IMMUTABLE: Verdict = { code: 'immutable' }
const IMMUTABLE_UNKNOWN: Verdict = { code: 'immutable-unknown' }

/**
 * Protects what no rule may touch: immutable tags, what was pushed just now, the newest tagged images of the
 * repository, and what an entry of `protect` holds for.
 */
export function protect(
  { limits, protect: entries }: Policy,
  tree: FamilyTree,
  now: Instant,
  tallies: Tallies,
): void {
  const recent: Verdict = { code: 'grace', grace: limits.grace }
  for (const unit of tree.units) {
    if (unit.tag?.immutable === true) unit.propose(IMMUTABLE)
    if (unit.tag?.immutable === null) unit.propose(IMMUTABLE_UNKNOWN)
    if (now - unit.pushed < limits.grace) unit.propose(recent)
  }
  const tagged = tree.units.filter(({ family }) => family === 'tags')
  for (const [unit, { rank }] of newestOf(tagged, { newest: limits.keepPerRepository, by: 'pushed' })) {
    unit.propose({ code: 'keep-per-repository', rank, of: limits.keepPerRepository })
  }
  for (const entry of entries) {
    if (selectsRepository(entry.select, tree.name)) protectEntry(entry, tree, now, tallies)
  }
}

function protectEntry(entry: Protection, tree: FamilyTree, now: Instant, tallies: Tallies): void {
  const verdict: Verdict = { code: 'protect', by: entry }
  const tally = tallies.of(entry)
  for (const unit of tree.units) {
    if (!selectsUnit(entry.select, unit, tree, true)) continue
    if (firstUnmet(entry.conditions, unit, now, true) !== undefined) continue
    unit.propose(verdict)
    tally.selected += 1
    tally.kept += 1
  }
}
