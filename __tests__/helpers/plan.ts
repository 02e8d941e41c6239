// From a Harbor to a plan, as the command does it, but for the files.
import { readAgain } from '../../src/commands/again.ts'
import { crawl, type Crawled } from '../../src/crawl/crawl.ts'
import type { Inventory } from '../../src/inventory/types.ts'
import { assemblePlan, type Assembled, type Circumstances } from '../../src/plan/assemble.ts'
import { needsOf } from '../../src/policy/needs.ts'
import { parsePolicy } from '../../src/policy/parse.ts'
import type { Policy } from '../../src/policy/types.ts'
import { clientOf, type ClientOptions } from './connect.ts'

export interface Planned extends Assembled {
  /** What was read first. */
  readonly first: Inventory
  /** With what was read again. */
  readonly inventory: Inventory
}

export interface PlanOptions extends ClientOptions {
  readonly now?: number
}

export function policyOf(text: string): Policy {
  const parsed = parsePolicy(text)
  if ('policy' in parsed) return parsed.policy
  throw new Error(`${JSON.stringify(parsed.problems)}\n${text}`)
}

export async function crawlOf(url: string, policy: string, options: PlanOptions = {}): Promise<Crawled> {
  const { harbor, close } = clientOf(url, options)
  try {
    const { version } = await harbor.account()
    return await crawl(harbor, needsOf(policyOf(policy)), { version, concurrency: options.concurrency ?? 4 })
  } finally {
    await close()
  }
}

export async function planOf(url: string, text: string, options: PlanOptions = {}): Promise<Planned> {
  const { concurrency = 4, now = Date.now() } = options
  const policy = policyOf(text)
  const { harbor, close } = clientOf(url, options)
  try {
    const { version } = await harbor.account()
    const circumstances: Circumstances = {
      tool: 'harbor-dredge 0.0.0',
      harbor: { url, version },
      policyFile: { path: 'policy.yml', digest: `sha256:${'0'.repeat(64)}` },
      createdAt: now,
      now,
      otherTime: false,
      mirrorPrefix: '',
    }
    const crawled = await crawl(harbor, needsOf(policy), { version, concurrency })
    const inventory = await readAgain(crawled, policy, circumstances, concurrency)
    return { ...assemblePlan(policy, inventory, circumstances), first: crawled.inventory, inventory }
  } finally {
    await close()
  }
}
