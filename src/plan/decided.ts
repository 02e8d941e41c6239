import type { Repository } from '../inventory/types.ts'
import type { Rule } from '../policy/types.ts'
import { familyTree, type FamilyTree } from './family-tree.ts'
import type { Action, RepositoryTotals } from './types.ts'
import type { Unit } from './unit.ts'
import type { Verdict } from './verdict.ts'

/**
 * A repository once it is decided, and what it all comes to. Of its units only the verdicts are kept, since there can
 * be a million; the rest is made again when somebody looks.
 */
export class DecidedRepository {
  readonly name: string
  readonly actions: readonly Action[]
  readonly totals: RepositoryTotals
  /** What was decided. */
  readonly repository: Repository
  /** Of each unit, in their order. */
  readonly verdicts: readonly Verdict[]
  readonly #copies: readonly (Rule | undefined)[]

  constructor(
    repository: Repository,
    { units }: FamilyTree,
    actions: readonly Action[],
    totals: RepositoryTotals,
  ) {
    this.name = repository.name
    this.actions = actions
    this.totals = totals
    this.repository = repository
    this.verdicts = units.map(({ verdict }) => verdict)
    this.#copies = totals.copies > 0 ? units.map(({ copiedBy }) => copiedBy) : []
  }

  /** Whether it is this repository that was decided, as it was read: then its units are the same, in the same order. */
  isOf(repository: Repository): boolean {
    return this.repository === repository
  }

  /** Every unit with its verdict. */
  get units(): readonly Unit[] {
    const { units } = familyTree(this.repository)
    for (const [index, unit] of units.entries()) {
      unit.verdict = this.verdicts[index] ?? unit.verdict
      unit.copiedBy = this.#copies[index]
    }
    return units
  }
}
