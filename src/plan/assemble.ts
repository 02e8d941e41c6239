import type { Inventory, Repository } from '../inventory/types.ts'
import type { Policy } from '../policy/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import { copyProblems } from './collisions.ts'
import { copiesOf, copyName } from './copies.ts'
import { decideRepository } from './decide.ts'
import { Fates } from './fate.ts'
import { planId } from './id.ts'
import { limitProblems } from './limits.ts'
import { removalsOf } from './removals.ts'
import { Tallies } from './tally.ts'
import { addTotals, repositoryTotals } from './totals.ts'
import { PLAN_FORMAT, type Action, type EntryTotals, type Plan, type PlanProblem } from './types.ts'
import { DecidedRepository } from './decided.ts'

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
  const repositories = inventory.repositories.map((repository) =>
    planRepository(repository, { ...circumstances, policy, tallies, draft: false }),
  )
  const actions = repositories.flatMap((repository) => repository.actions)
  const totals = addTotals(inventory, repositories)
  const problems = [
    ...incompleteness(inventory),
    ...timeProblems(circumstances),
    ...limitProblems(policy.limits, totals.deletes, totals.units),
    ...copyProblems(actions, { harborUrl: circumstances.harbor.url, prefix: circumstances.mirrorPrefix }),
  ]
  const complete = inventory.failures.length === 0
  const identity = {
    format: PLAN_FORMAT,
    harbor: circumstances.harbor,
    policy: circumstances.policyFile,
    actions,
  } as const
  const entryTotals = (entry: Policy['rules'][number] | Policy['protect'][number]): EntryTotals => ({
    name: entry.name,
    line: entry.line,
    ...tallies.of(entry),
  })
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
    rules: policy.rules.map(entryTotals),
    protections: policy.protect.map(entryTotals),
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
  return planRepository(repository, { ...circumstances, policy, tallies: new Tallies(policy), draft: true })
    .actions
}

interface Planning extends Pick<Circumstances, 'now' | 'mirrorPrefix'> {
  readonly policy: Policy
  readonly tallies: Tallies
  readonly draft: boolean
}

function planRepository(repository: Repository, planning: Planning): DecidedRepository {
  const { policy, tallies, now, mirrorPrefix, draft } = planning
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
  return new DecidedRepository(repository, tree, actions, repositoryTotals(repository, tree, actions))
}

function incompleteness({ failures }: Inventory): readonly PlanProblem[] {
  return failures.map(({ where, message }) => ({
    code: 'incomplete',
    message: `${where} was not read: ${message}`,
  }))
}

function timeProblems({ otherTime, now }: Circumstances): readonly PlanProblem[] {
  if (!otherTime) return []
  const message = `this plan looks at ${formatInstant(now)}; plan without \`now\` to apply`
  return [{ code: 'other-time', message }]
}
