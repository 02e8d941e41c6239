import type { Inventory } from '../inventory/types.ts'
import type { Action } from '../plan/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { messageOf } from '../shared/failure.ts'
import { inSteps, type Step } from './order.ts'
import { copy } from './copy.ts'
import { remove, type Tools } from './remove.ts'
import type { ActionResult, Standing } from './types.ts'

/** Why nothing more is begun: the journal can't be written, or Harbor can't be reached. */
export interface Broken {
  readonly reason: 'journal' | 'harbor-unreachable'
  readonly message: string
}

export interface CarriedOut {
  /** In the order of the plan. */
  readonly results: readonly ActionResult[]
  /** Why it was ended early. */
  readonly broken: Broken | undefined
}

export interface Carrying {
  readonly standingOf: (action: Action) => Standing
  readonly tools: Tools
  /** Actions under way at once. */
  readonly width: number
  /** Told after every one. */
  readonly onDone: (result: ActionResult) => void
}

/**
 * Carries out a plan's actions as far as they are due, several at a time. One that fails doesn't stop the others; a
 * journal that can't be written does, and a Harbor that isn't there.
 */
export async function carryOut(
  actions: readonly Action[],
  inventory: Inventory,
  { standingOf, tools, width, onDone }: Carrying,
): Promise<CarriedOut> {
  const settled = new Map<Action, Promise<ActionResult>>()
  let broken: Broken | undefined
  // Actions in a row that found nobody there.
  let lost = 0
  const carry = async ({ action, after }: Step): Promise<ActionResult> => {
    const result = (outcome: ActionResult['outcome'], why: string, earlier = false): ActionResult => ({
      action,
      outcome,
      why,
      earlier,
    })
    for (const { action: first, otherwise } of after) {
      const before = first === undefined ? undefined : await settled.get(first)
      if (before?.outcome !== 'done') return result('skipped', otherwise)
    }
    const standing = standingOf(action)
    if (standing.state === 'settled') return result(standing.outcome, standing.why, standing.earlier)
    if (broken !== undefined) return result('failed', `not begun: ${broken.message}`)
    try {
      const {
        outcome,
        why,
        unreachable = false,
      } = action.kind === 'copy' ? await copy(action, tools) : await remove(action, standing, tools)
      lost = unreachable ? lost + 1 : 0
      // Each has been tried for half a minute.
      if (lost >= width) broken ??= { reason: 'harbor-unreachable', message: why }
      return result(outcome, why)
    } catch (error) {
      broken ??= { reason: 'journal', message: messageOf(error) }
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
