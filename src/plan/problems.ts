import type { Inventory } from '../inventory/types.ts'
import type { Limits } from '../policy/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import { copyProblems } from './collisions.ts'
import { limitProblems } from './limits.ts'
import type { Action, PlanProblem, PlanTotals } from './types.ts'

/** What speaks against a plan, or doesn't. */
export interface Planned {
  readonly limits: Limits
  readonly inventory: Inventory
  readonly totals: Pick<PlanTotals, 'deletes' | 'units'>
  /** The copies among them are looked at. */
  readonly actions: readonly Action[]
  readonly now: Instant
  readonly otherTime: boolean
  readonly harbor: { readonly url: string }
  readonly mirrorPrefix: string
}

/** Why a plan can't be applied. */
export function problemsOf(planned: Planned): readonly PlanProblem[] {
  const { limits, totals, actions, harbor, mirrorPrefix } = planned
  return [
    ...incompleteness(planned),
    ...timeProblems(planned),
    ...limitProblems(limits, totals.deletes, totals.units),
    ...copyProblems(actions, { harborUrl: harbor.url, prefix: mirrorPrefix }),
  ]
}

function incompleteness({ inventory }: Planned): readonly PlanProblem[] {
  return inventory.failures.map(({ where, message }) => ({
    code: 'incomplete',
    message: `${where} was not read: ${message}`,
  }))
}

function timeProblems({ otherTime, now }: Planned): readonly PlanProblem[] {
  if (!otherTime) return []
  const message = `this plan looks at ${formatInstant(now)}; plan without \`now\` to apply`
  return [{ code: 'other-time', message }]
}
