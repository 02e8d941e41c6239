import type { Action, RepositoryTotals } from './types.ts'
import type { Unit } from './unit.ts'

/** A repository once it is decided: each unit with its verdict, and what it all comes to. */
export interface DecidedRepository {
  readonly name: string
  readonly units: readonly Unit[]
  readonly actions: readonly Action[]
  readonly totals: RepositoryTotals
}
