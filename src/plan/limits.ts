import type { Limits } from '../policy/types.ts'
import type { PlanProblem } from './types.ts'

/** The limits of a policy that a plan is over. */
export function limitProblems(limits: Limits, deletes: number, units: number): readonly PlanProblem[] {
  const problems: PlanProblem[] = []
  const [words, are] = deletes === 1 ? ['1 delete', 'is'] : [`${deletes} deletes`, 'are']
  if (deletes > limits.maxDeletes) {
    problems.push({
      code: 'limit-exceeded',
      message: `${words} ${are} over limits.max-deletes, ${limits.maxDeletes}; narrow the rules, or raise the limit`,
    })
  }
  if (deletes * 100 > limits.maxDeletePercent * units) {
    // Rounded up, so that what is over the limit doesn't look like it.
    const percent = Math.ceil((deletes * 10_000) / units) / 100
    problems.push({
      code: 'limit-exceeded',
      message:
        `${words} ${are} ${percent} % of the ${units} tags and untagged artifacts read, over ` +
        `limits.max-delete-percent, ${limits.maxDeletePercent}; narrow the rules, or raise the limit`,
    })
  }
  return problems
}
