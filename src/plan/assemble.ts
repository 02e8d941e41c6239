import type { Inventory, Repository } from '../inventory/types.ts'
import type { Policy } from '../policy/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import type { DecidedRepository } from './decided.ts'
import { planId } from './id.ts'
import { planRepository } from './plan-repository.ts'
import { problemsOf } from './problems.ts'
import { Tallies } from './tally.ts'
import { addTotals } from './totals.ts'
import { PLAN_FORMAT, type Action, type Plan } from './types.ts'

/** What a plan is made of besides the policy and the inventory. */
export interface Circumstances {
  readonly tool: string
  readonly harbor: Plan['harbor']
  readonly policyFile: Plan['policy']
  readonly createdAt: Instant
  readonly now: Instant
  /** Whether `now` was asked for: such a plan looks at another time and can't be applied. */
  readonly otherTime: boolean
  /** The mirror's host and path prefix, with a slash at the end, as far as they are given. */
  readonly mirrorPrefix: string
}

/** A plan, and beside it every unit with its decision. */
export interface Assembled {
  readonly plan: Plan
  readonly repositories: readonly DecidedRepository[]
}

/** Decides an inventory by a policy and makes the plan of it: a function of its arguments alone. */
export function assemblePlan(policy: Policy, inventory: Inventory, circumstances: Circumstances): Assembled {
  const tallies = new Tallies(policy)
  const planning = { ...circumstances, policy, tallies }
  const repositories = inventory.repositories.map(
    (repository) => planRepository(repository, planning).decided,
  )
  const actions = repositories.flatMap((repository) => repository.actions)
  const totals = addTotals(inventory, repositories)
  const problems = problemsOf({ ...circumstances, limits: policy.limits, inventory, totals, actions })
  const complete = inventory.failures.length === 0
  const identity = {
    format: PLAN_FORMAT,
    harbor: circumstances.harbor,
    policy: circumstances.policyFile,
    actions,
  } as const
  const plan: Plan = {
    format: PLAN_FORMAT,
    id: planId(identity),
    createdAt: formatInstant(circumstances.createdAt),
    now: formatInstant(circumstances.now),
    tool: circumstances.tool,
    harbor: circumstances.harbor,
    policy: circumstances.policyFile,
    complete,
    applyable: complete && actions.length > 0 && problems.length === 0,
    problems,
    totals,
    actions,
    rules: tallies.totalsOf(policy.rules),
    protections: tallies.totalsOf(policy.protect),
    repositories: repositories.map((repository) => repository.totals),
    mirror: null,
    targets: [],
  }
  return { plan, repositories }
}

/**
 * What a plan may do to a repository, as far as is known before it has been read again: what isn't known of accessories
 * holds nothing here. Tells what to read, and is no plan.
 */
export function draftActions(
  policy: Policy,
  repository: Repository,
  circumstances: Pick<Circumstances, 'now' | 'mirrorPrefix'>,
): readonly Action[] {
  const planning = { ...circumstances, policy, tallies: new Tallies(policy) }
  return planRepository(repository, planning, true).decided.actions
}
