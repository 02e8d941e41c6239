import type { Inventory } from '../inventory/types.ts'
import type { Action } from '../plan/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { messageOf } from '../shared/failure.ts'
import { inSteps, type Step } from './order.ts'
import { remove, type Tools } from './remove.ts'
import type { ActionResult, Standing } from './types.ts'

export interface CarriedOut {
  /** In the order of the plan. */
  readonly results: readonly ActionResult[]
  /** Why it was ended early: the journal could not be written. */
  readonly broken: string | undefined
}

export interface Carrying {
  readonly standingOf: (action: Action) => Standing
  readonly tools: Tools
  /** Actions under way at once. */
  readonly width: number
  /** Why nothing may be begun any more, if that is so already. */
  readonly broken?: string | undefined
  /** Told after every one. */
  readonly onDone: (result: ActionResult) => void
}

/**
 * Carries out a plan's actions as far as they are due, several at a time. One that fails doesn't stop the others; a
 * journal that can't be written does.
 */
export async function carryOut(
  actions: readonly Action[],
  inventory: Inventory,
  { standingOf, tools, width, onDone, broken: brokenBefore }: Carrying,
): Promise<CarriedOut> {
  const settled = new Map<Action, Promise<ActionResult>>()
  let broken = brokenBefore
  const carry = async ({ action, after }: Step): Promise<ActionResult> => {
    const result = (outcome: ActionResult['outcome'], why: string, earlier = false): ActionResult => ({
      action,
      outcome,
      why,
      earlier,
    })
    for (const { action: first, otherwise } of after) {
      const before = await settled.get(first)
      if (before?.outcome !== 'done') return result('skipped', otherwise)
    }
    const standing = standingOf(action)
    if (standing.state === 'settled') return result(standing.outcome, standing.why, standing.earlier)
    if (action.kind === 'copy') return result('skipped', '')
    if (broken !== undefined) return result('failed', 'not begun, since the journal could not be written')
    try {
      const { outcome, why } = await remove(action, standing, tools)
      return result(outcome, why)
    } catch (error) {
      broken ??= messageOf(error)
      return result('failed', `stopped: ${messageOf(error)}`)
    }
  }
  // What a step waits for stands before it, so that it is under way by the time that it is waited for.
  await forEachOf(inSteps(actions, inventory), width, async (step) => {
    const carried = carry(step)
    settled.set(step.action, carried)
    onDone(await carried)
  })
  const results: ActionResult[] = []
  for (const action of actions) {
    const result = await settled.get(action)
    if (result !== undefined) results.push(result)
  }
  return { results, broken }
}
