import type { Rule } from '../policy/types.ts'
import type { Instant } from '../shared/instant.ts'
import { holds } from './conditions.ts'
import type { FamilyTree } from './family-tree.ts'
import { newestOf } from './newest.ts'
import { selectsUnit } from './select.ts'
import type { Unit } from './unit.ts'
import type { Verdict } from './verdict.ts'

/**
 * Keeps what a rule's `keep` exempts: the newest images of each group of its family, and every member that one of its
 * conditions holds for. A unit that may be a member, as far as is known, is kept where a member would be, and takes
 * nobody's place.
 *
 * @param members the units that are members for certain
 * @returns how many members it exempted
 */
export function exempt(rule: Rule, members: readonly Unit[], tree: FamilyTree, now: Instant): number {
  if (rule.keep === undefined) return 0
  const possible = possibleMembers(rule, members, tree)
  const kept = new Set<Unit>()
  const keepUnit = (unit: Unit, verdict: Verdict): void => {
    unit.propose(verdict)
    kept.add(unit)
  }
  const { newest, by, per, conditions } = rule.keep
  if (newest !== undefined) {
    const ranks = newestOf(members, { newest, by, ...(per === undefined ? {} : { per }) }, possible)
    for (const [unit, rank] of ranks) keepUnit(unit, { code: 'keep-newest', by: rule, ...rank })
  }
  for (const condition of conditions) {
    const verdict: Verdict = { code: 'keep-condition', by: rule, condition }
    for (const unit of [...members, ...possible]) {
      if (holds(condition, unit, now, true)) keepUnit(unit, verdict)
    }
  }
  for (const unit of possible) kept.delete(unit)
  return kept.size
}

function possibleMembers({ select }: Rule, members: readonly Unit[], tree: FamilyTree): readonly Unit[] {
  const { labels, platforms, signed } = select
  if (labels === undefined && platforms === undefined && signed === undefined) return []
  const certain = new Set(members)
  return tree.units.filter((unit) => !certain.has(unit) && selectsUnit(select, unit, tree, true))
}
