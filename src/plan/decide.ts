import type { Repository } from '../inventory/types.ts'
import { selectsRepository } from '../policy/needs.ts'
import type { Condition, Policy, Rule } from '../policy/types.ts'
import type { Instant } from '../shared/instant.ts'
import { firstUnmet } from './conditions.ts'
import { familyTree, type FamilyTree } from './family-tree.ts'
import { exempt } from './keep.ts'
import { protect } from './protect.ts'
import { selectsUnit } from './select.ts'
import type { Tallies } from './tally.ts'
import type { Unit } from './unit.ts'
import type { Verdict } from './verdict.ts'

/**
 * Decides every unit of a repository: the first of these that holds. It is protected; kept by some rule's `keep`;
 * archived; deleted by some rule, of which the first in the file is named; kept, since no rule says otherwise.
 * Copying is decided beside it. What isn't known decides for keeping.
 *
 * @param tallies counts what each entry of the policy did
 */
export function decideRepository(
  policy: Policy,
  repository: Repository,
  now: Instant,
  tallies: Tallies,
): FamilyTree {
  const tree = familyTree(repository)
  protect(policy, tree, now, tallies)
  for (const rule of policy.rules) {
    if (selectsRepository(rule.select, repository.name)) applyRule(rule, tree, now, tallies)
  }
  return tree
}

function applyRule(rule: Rule, tree: FamilyTree, now: Instant, tallies: Tallies): void {
  const members = tree.units.filter((unit) => selectsUnit(rule.select, unit, tree, false))
  const tally = tallies.of(rule)
  tally.selected += members.length
  tally.kept += exempt(rule, members, tree, now)
  for (const code of ['archive', 'delete'] as const) {
    const conditions = rule[code]
    if (conditions !== undefined) {
      proposeRemoval({ code, by: rule }, conditions, members, now)
    }
  }
  if (rule.copy === undefined) return
  for (const unit of members) {
    if (firstUnmet(rule.copy, unit, now, false) === undefined) unit.copiedBy ??= rule
  }
}

type Removal = Extract<Verdict, { code: 'archive' | 'delete' }>

function proposeRemoval(
  removal: Removal,
  conditions: readonly Condition[],
  members: readonly Unit[],
  now: Instant,
): void {
  const notDue = new Map(
    conditions.map((condition): [Condition, Verdict] => [
      condition,
      { code: 'not-due', by: removal.by, condition },
    ]),
  )
  for (const unit of members) {
    const unmet = firstUnmet(conditions, unit, now, false)
    unit.propose(unmet === undefined ? removal : (notDue.get(unmet) ?? removal))
  }
}
