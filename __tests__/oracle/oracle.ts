// A second reading of what a policy decides: brute force, written from the documentation alone, to test the first
// one against. Slow on purpose; nothing here is shared with what it checks but the inventory's types.
import type { Inventory } from '../../src/inventory/types.ts'
import type { Instant } from '../../src/shared/instant.ts'
import { actionsOf, type OracleAction } from './actions.ts'
import { decideAll, type DecidedUnit } from './decide.ts'
import { goes, leavingArtifacts } from './leaving.ts'
import type { WrittenPolicy } from './written.ts'

export interface OracleVerdict {
  readonly units: readonly DecidedUnit[]
  readonly actions: readonly OracleAction[]
  /** Units that go. */
  readonly deletes: number
  /** "Complete (all in scope was read to its end)". */
  readonly complete: boolean
  /** "`max-deletes` and `max-delete-percent` count units, against all units read." */
  readonly overLimits: readonly ('max-deletes' | 'max-delete-percent')[]
}

/** What a policy means for an inventory at a moment. */
export function consult(policy: WrittenPolicy, inventory: Inventory, now: Instant): OracleVerdict {
  const decided = decideAll(policy, inventory, now)
  const repositories = inventory.repositories.map((repository) => {
    const own = decided.filter((unit) => unit.repository === repository)
    const leaving = leavingArtifacts(repository, own)
    // An untagged artifact that is held after all is kept: there is no tag to take from it.
    const units = own.map((unit): DecidedUnit =>
      unit.tag === null && goes(unit) && !leaving.has(unit.artifact.digest)
        ? { ...unit, decision: 'kept', entry: null }
        : unit,
    )
    return { units, actions: actionsOf(policy, { repository, units, leaving }) }
  })
  const units = repositories.flatMap((repository) => repository.units)
  const deletes = units.filter((unit) => goes(unit)).length
  return {
    units,
    actions: repositories.flatMap((repository) => repository.actions),
    deletes,
    complete: inventory.failures.length === 0,
    overLimits: overLimits(policy, deletes, units.length),
  }
}

function overLimits(policy: WrittenPolicy, deletes: number, units: number): OracleVerdict['overLimits'] {
  const maxDeletes = policy.limits?.['max-deletes'] ?? 1000
  const maxPercent = policy.limits?.['max-delete-percent'] ?? 50
  const over: ('max-deletes' | 'max-delete-percent')[] = []
  if (deletes > maxDeletes) over.push('max-deletes')
  if (deletes * 100 > maxPercent * units) over.push('max-delete-percent')
  return over
}
