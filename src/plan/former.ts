import type { Digest, Inventory, Repository } from '../inventory/types.ts'
import type { Policy } from '../policy/types.ts'
import type { Circumstances } from './assemble.ts'
import type { PlanBefore } from './effect.ts'
import { planRepository, type PlannedRepository } from './plan-repository.ts'
import { problemsOf } from './problems.ts'
import { goingDigests } from './reclaim.ts'
import { Tallies } from './tally.ts'
import { addTotals } from './totals.ts'
import type { Copy, EntryTotals, RepositoryTotals } from './types.ts'

/** The policy before an edit, and what it is decided on. */
export interface Before {
  readonly policy: Policy
  readonly inventory: Inventory
}

/** A plan that is there only to be compared with: made repository by repository, of which none is held. */
export class FormerPlan {
  /** Every manifest that goes, by repository, of those that were planned. */
  readonly going = new Map<string, ReadonlySet<Digest>>()
  readonly #before: Before
  readonly #circumstances: Circumstances
  readonly #tallies: Tallies
  readonly #totals: { readonly totals: RepositoryTotals }[] = []
  readonly #copies: Copy[] = []
  #actions = 0

  constructor(before: Before, circumstances: Circumstances) {
    this.#before = before
    this.#circumstances = circumstances
    this.#tallies = new Tallies(before.policy)
  }

  /** Decides one of its repositories. */
  plan(repository: Repository): PlannedRepository {
    const { policy } = this.#before
    const planned = planRepository(repository, { ...this.#circumstances, policy, tallies: this.#tallies })
    const { actions, totals } = planned.decided
    this.#totals.push({ totals })
    this.#actions += actions.length
    for (const action of actions) if (action.kind === 'copy') this.#copies.push(action)
    for (const [name, digests] of goingDigests(actions)) this.going.set(name, digests)
    return planned
  }

  /** What it comes to, once all repositories were planned. */
  summary(): PlanBefore {
    const { policy, inventory } = this.#before
    const totals = addTotals(inventory, this.#totals)
    const actions = this.#copies
    const problems = problemsOf({ ...this.#circumstances, limits: policy.limits, inventory, totals, actions })
    const complete = inventory.failures.length === 0
    const applyable = complete && this.#actions > 0 && problems.length === 0
    return { complete, applyable, problems, totals }
  }

  /** Its rules and protections, with what they did. */
  entries(): Readonly<Record<'rules' | 'protections', readonly EntryTotals[]>> {
    const { rules, protect } = this.#before.policy
    return { rules: this.#tallies.totalsOf(rules), protections: this.#tallies.totalsOf(protect) }
  }
}
