import { planId } from '../plan/id.ts'
import { cosignSubject } from '../inventory/cosign.ts'
import { copyProblems } from '../plan/collisions.ts'
import type { ReadPlan } from '../plan/read.ts'
import type { Action } from '../plan/types.ts'
import { formatDuration, type Duration } from '../shared/duration.ts'
import { parseInstant, type Instant } from '../shared/instant.ts'

/** Why a plan isn't applied: for machines, and in words that say what to do. */
export interface Refusal {
  readonly reason:
    | 'plan-id'
    | 'plan-edited'
    | 'plan-not-applyable'
    | 'plan-too-old'
    | 'other-harbor'
    | 'policy-changed'
    | 'harbor-read-only'
    | 'may-not-delete'
    | 'replicates-deletions'
    | 'copy-target'
    | 'mirror-unreachable'
  readonly message: string
}

/** What a plan is held against before anything is asked of Harbor. */
export interface Expected {
  /** The id that was approved. */
  readonly planId: string
  readonly harborUrl: string
  /** The mirror's host and path, with a slash at the end; empty when there is none. */
  readonly mirrorPrefix: string
  readonly policyFile: string
  readonly policyDigest: string
  readonly maxPlanAge: Duration
  /** Units at most that a plan may delete. */
  readonly maxDeletes: number
  readonly present: Instant
}

/** Why a plan can't be applied here and now; undefined when, so far, it can. */
export function refusalOf(plan: ReadPlan, expected: Expected): Refusal | undefined {
  const { planId: approved, harborUrl, mirrorPrefix, policyFile, policyDigest } = expected
  const { maxPlanAge, maxDeletes, present } = expected
  if (planId(plan) !== plan.id) {
    const message = 'the plan was changed after it was made: its id is not that of its actions; plan again'
    return { reason: 'plan-edited', message }
  }
  if (plan.id !== approved) {
    const message = `the plan is ${plan.id}, and ${approved} was approved; give the plan file that belongs to it`
    return { reason: 'plan-id', message }
  }
  if (plan.harbor.url !== harborUrl) {
    const message = `the plan is for ${plan.harbor.url}, and harbor-url is ${harborUrl}`
    return { reason: 'other-harbor', message }
  }
  if (plan.policy.digest !== policyDigest) {
    const message = `${policyFile} is not the policy that the plan was made by; plan again, and have that approved`
    return { reason: 'policy-changed', message }
  }
  const [problem] = plan.problems
  if (!plan.applyable || !plan.complete || problem !== undefined) {
    const why = problem?.message ?? (plan.complete ? 'it has nothing to do' : 'it is not complete')
    return { reason: 'plan-not-applyable', message: `the plan cannot be applied: ${why}` }
  }
  // The id doesn't cover these; somebody who could change the file could have changed them.
  if (plan.now !== plan.createdAt) {
    const message = `the plan looks at ${plan.now}, and was made at ${plan.createdAt}; plan without \`now\` to apply`
    return { reason: 'plan-not-applyable', message }
  }
  const deletes = plan.actions.reduce((sum, action) => sum + unitsOf(action), 0)
  if (deletes > maxDeletes) {
    const message = `the plan cannot be applied: ${deletes} deletes are over limits.max-deletes, ${maxDeletes}`
    return { reason: 'plan-not-applyable', message }
  }
  const [wrong] = copyProblems(plan.actions, { harborUrl, prefix: mirrorPrefix })
  if (wrong !== undefined) {
    return { reason: 'plan-not-applyable', message: `the plan cannot be applied: ${wrong.message}` }
  }
  const age = present - (parseInstant(plan.createdAt) ?? 0)
  if (age < -CLOCKS_APART) {
    const message = `the plan says that it was made in the future, at ${plan.createdAt}; plan again`
    return { reason: 'plan-edited', message }
  }
  if (age > maxPlanAge) {
    const message = `the plan is ${formatDuration(age)} old, over limits.max-plan-age, ${formatDuration(maxPlanAge)}; plan again`
    return { reason: 'plan-too-old', message }
  }
  return undefined
}

/** How far the clocks of two machines may be apart. */
const CLOCKS_APART = 3_600_000

/** Units that an action deletes, as the limits count them. */
function unitsOf(action: Action): number {
  switch (action.kind) {
    case 'copy': {
      return 0
    }
    case 'delete-tag': {
      return action.follows === undefined ? 1 : 0
    }
    case 'delete-artifact': {
      const units = action.tags.filter((tag) => cosignSubject(tag) === undefined).length
      return action.tags.length === 0 ? 1 : units
    }
  }
}
