import type { Repository } from '../inventory/types.ts'
import type { Policy } from '../policy/types.ts'
import type { Instant } from '../shared/instant.ts'
import { copiesOf, copyName } from './copies.ts'
import { decideRepository } from './decide.ts'
import { DecidedRepository } from './decided.ts'
import type { FamilyTree } from './family-tree.ts'
import { Fates } from './fate.ts'
import { removalsOf } from './removals.ts'
import type { Tallies } from './tally.ts'
import { repositoryTotals } from './totals.ts'
import type { Action } from './types.ts'

/** What a repository is decided by. */
export interface Planning {
  readonly policy: Policy
  readonly now: Instant
  readonly mirrorPrefix: string
  /** Counts what each entry of the policy does. */
  readonly tallies: Tallies
}

/** A repository once it is decided, and its units with their verdicts, for as long as somebody looks at them. */
export interface PlannedRepository {
  readonly decided: DecidedRepository
  readonly tree: FamilyTree
}

/**
 * Decides a repository and makes the actions of it.
 *
 * @param draft whether it is still to be found out what has to be known
 */
export function planRepository(
  repository: Repository,
  { policy, tallies, now, mirrorPrefix }: Planning,
  draft = false,
): PlannedRepository {
  const tree = decideRepository(policy, repository, now, tallies)
  const fates = new Fates(tree, draft)
  fates.holdUntagged()
  const copies = copiesOf(tree, policy.mirror, mirrorPrefix, now)
  const copyNames = new Map(copies.map((copy) => [copy.digest, copyName(copy)]))
  const removals = removalsOf(tree, fates, copyNames, now)
  for (const { verdict, copiedBy } of tree.units) {
    const acting = verdict.code === 'delete' || verdict.code === 'archive' ? verdict.by : undefined
    for (const rule of new Set([acting, copiedBy])) if (rule !== undefined) tallies.of(rule).acted += 1
  }
  const actions: readonly Action[] = [...copies, ...removals]
  return {
    decided: new DecidedRepository(repository, tree, actions, repositoryTotals(repository, tree, actions)),
    tree,
  }
}
