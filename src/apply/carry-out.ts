import { Hangings } from '../inventory/hanging.ts'
import type { Inventory } from '../inventory/types.ts'
import type { Action } from '../plan/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { messageOf } from '../shared/failure.ts'
import { inSteps, type Step } from './order.ts'
import { copy } from './copy.ts'
import { Lanes } from './lanes.ts'
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
  /** What became of some of the actions already. */
  readonly known?: readonly ActionResult[]
  /** Why nothing is begun any more, if so. */
  readonly broken?: Broken | undefined
}

/**
 * Carries out a plan's actions as far as they are due, several at a time: copies first, then what is deleted. One that
 * fails doesn't stop the others; a journal that can't be written does, and a Harbor that isn't there. A mirror that
 * isn't there stops copies.
 */
export async function carryOut(
  actions: readonly Action[],
  inventory: Inventory,
  carrying: Carrying,
): Promise<CarriedOut> {
  const carrier = new Carrier(carrying, new Hangings(inventory))
  const { width, known = [] } = carrying
  for (const result of known) carrier.know(result)
  const steps = inSteps(actions, inventory).filter(({ action }) => !carrier.isKnown(action))
  const lanes = new Lanes(
    steps.flatMap(({ action }) => (action.kind === 'copy' ? [action] : [])),
    inventory,
  )
  await forEachOf(inTurn(steps, lanes), width, async (step) => {
    await carrier.carry(step)
    if (step.action.kind === 'copy') lanes.ended(step.action)
  })
  return { results: await carrier.resultsOf(actions), broken: carrier.broken }
}

/** What a step waits for stands before it, so that it is under way by the time that it is waited for. */
async function* inTurn(steps: readonly Step[], lanes: Lanes): AsyncGenerator<Step, void, undefined> {
  const stepOf = new Map(steps.map((step) => [step.action, step]))
  for await (const next of lanes.ready()) {
    const step = stepOf.get(next)
    if (step !== undefined) yield step
  }
  for (const step of steps) if (step.action.kind !== 'copy') yield step
}

/** Carries out one action after the other, and knows what became of those before. */
class Carrier {
  readonly #carrying: Carrying
  readonly #hangings: Hangings
  readonly #settled = new Map<Action, Promise<ActionResult>>()
  #broken: Broken | undefined
  /** Why no copy is begun any more. */
  #mirrorLost: string | undefined
  /** Actions in a row that found nobody there: deletes, and copies. */
  readonly #lost = { removals: 0, copies: 0 }

  constructor(carrying: Carrying, hangings: Hangings) {
    this.#carrying = carrying
    this.#hangings = hangings
    this.#broken = carrying.broken
  }

  get broken(): Broken | undefined {
    return this.#broken
  }

  know(result: ActionResult): void {
    this.#settled.set(result.action, Promise.resolve(result))
  }

  isKnown(action: Action): boolean {
    return this.#settled.has(action)
  }

  /** Resolves when the next one may begin: after a copy nobody waits for its outcome to be written down but a delete. */
  carry(step: Step): Promise<unknown> {
    let free = (): void => undefined
    const copied = new Promise<void>((resolve) => {
      free = resolve
    })
    const settled = this.#settle(step, free)
    this.#settled.set(step.action, settled)
    return Promise.race([copied, settled])
  }

  async resultsOf(actions: readonly Action[]): Promise<readonly ActionResult[]> {
    const results: ActionResult[] = []
    for (const action of actions) {
      const result = await this.#settled.get(action)
      if (result !== undefined) results.push(result)
    }
    return results
  }

  async #settle(step: Step, onCopied: () => void): Promise<ActionResult> {
    const result = await this.#carry(step, onCopied)
    this.#carrying.onDone(result)
    return result
  }

  async #carry({ action, after }: Step, onCopied: () => void): Promise<ActionResult> {
    const { standingOf, tools, width } = this.#carrying
    const result = (outcome: ActionResult['outcome'], why: string, earlier = false): ActionResult => ({
      action,
      outcome,
      why,
      earlier,
    })
    for (const { action: first, otherwise } of after) {
      const before = first === undefined ? undefined : await this.#settled.get(first)
      if (before?.outcome !== 'done') return result('skipped', otherwise)
    }
    const standing = standingOf(action)
    if (standing.state === 'settled') return result(standing.outcome, standing.why, standing.earlier)
    if (this.#broken !== undefined) return result('failed', `not begun: ${this.#broken.message}`)
    try {
      if (action.kind !== 'copy') {
        const { outcome, why, unreachable = false } = await remove(action, standing, tools)
        this.#lost.removals = unreachable ? this.#lost.removals + 1 : 0
        // Each has been tried for half a minute.
        if (this.#lost.removals >= width) this.#broken ??= { reason: 'harbor-unreachable', message: why }
        return result(outcome, why)
      }
      if (this.#mirrorLost !== undefined) return result('failed', `not begun: ${this.#mirrorLost}`)
      const hanging = this.#hangings.of(action.repository, action.accessories)
      const { outcome, why, sent, unreachable = false } = await copy(action, hanging, tools, onCopied)
      this.#lost.copies = unreachable ? this.#lost.copies + 1 : 0
      if (this.#lost.copies >= width) this.#mirrorLost ??= why
      return { ...result(outcome, why), sent }
    } catch (error) {
      this.#broken ??= { reason: 'journal', message: messageOf(error) }
      return result('failed', `stopped: ${messageOf(error)}`)
    }
  }
}
