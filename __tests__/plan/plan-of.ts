import type { Inventory } from '../../src/inventory/types.ts'
import { assemblePlan, type Assembled, type Circumstances } from '../../src/plan/assemble.ts'
import { parsePolicy } from '../../src/policy/parse.ts'
import type { Policy } from '../../src/policy/types.ts'
import type { Instant } from '../../src/shared/instant.ts'
import { NOW } from '../oracle/arbitrary.ts'
import { policyText } from '../oracle/arbitrary-policy.ts'
import type { WrittenPolicy } from '../oracle/written.ts'

/** Reads a policy from its text; one that can't be read is an error of the test. */
export function policyOf(text: string): Policy {
  const parsed = parsePolicy(text)
  if ('policy' in parsed) return parsed.policy
  throw new Error(`${JSON.stringify(parsed.problems)}\n${text}`)
}

/** The plan for an inventory, with every unit's decision. */
export function planOf(policy: WrittenPolicy | string, inventory: Inventory, now: Instant = NOW): Assembled {
  const text = typeof policy === 'string' ? policy : policyText(policy)
  return assemblePlan(policyOf(text), inventory, circumstances(now))
}

/** What else a plan is made of. */
export function circumstances(now: Instant = NOW): Circumstances {
  return {
    tool: 'harbor-dredge 0.0.0',
    harbor: { url: 'https://harbor.example', version: 'v2.15.1' },
    policyFile: { path: '.github/harbor-dredge.yml', digest: `sha256:${'0'.repeat(64)}` },
    createdAt: NOW,
    now,
    otherTime: false,
    mirrorPrefix: '',
  }
}
