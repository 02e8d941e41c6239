import type { Limits } from '../policy/types.ts'
import type { PlanProblem } from './types.ts'

/** The limits of a policy that a plan is over. */
export function limitProblems(limits: Limits, deletes: number, units: number): readonly PlanProblem[] {
  const problems: PlanProblem[] = []
  if (deletes > limits.maxDeletes) {
    problems.push({
      code: 'limit-exceeded',
      message: `${deletes} deletes are over limits.max-deletes, ${limits.maxDeletes}; narrow the rules, or raise the limit`,
    })
  }
  if (deletes * 100 > limits.maxDeletePercent * units) {
    const percent = ((deletes * 100) / units).toFixed(1)
    problems.push({
      code: 'limit-exceeded',
      message:
        `${deletes} deletes are ${percent} % of the ${units} tags and untagged artifacts read, over ` +
        `limits.max-delete-percent, ${limits.maxDeletePercent}; narrow the rules, or raise the limit`,
    })
  }
  return problems
}
