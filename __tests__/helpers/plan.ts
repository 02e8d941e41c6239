// From a Harbor to a plan, as the command does it, but for the files.
import { readAgain } from '../../src/commands/again.ts'
import { readForBoth } from '../../src/commands/both.ts'
import { crawl, type Crawled } from '../../src/crawl/crawl.ts'
import type { Inventory } from '../../src/inventory/types.ts'
import { assemblePlan, type Assembled, type Circumstances } from '../../src/plan/assemble.ts'
import { comparePlans, type Compared } from '../../src/plan/compare.ts'
import { needsOf, unionOf } from '../../src/policy/needs.ts'
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

export interface PlannedBoth extends Planned, Compared {
  /** What the policy before is decided on. */
  readonly before: Inventory
}

/** The plan by a policy, and what an edit from another to it changes, on one crawl. */
export async function planBothOf(
  url: string,
  [text, textBefore]: readonly [after: string, before: string],
  options: PlanOptions = {},
): Promise<PlannedBoth> {
  const { concurrency = 4, now = Date.now() } = options
  const policies = { after: policyOf(text), before: policyOf(textBefore) }
  const { harbor, close } = clientOf(url, options)
  try {
    const { version } = await harbor.account()
    const circumstances = circumstancesOf(url, version, now)
    const needs = unionOf(needsOf(policies.after), needsOf(policies.before))
    const crawled = await crawl(harbor, needs, { version, concurrency })
    const { after, before } = await readForBoth(crawled, policies, circumstances, concurrency)
    const assembled = assemblePlan(policies.after, after, circumstances)
    const former = { policy: policies.before, inventory: before }
    const compared = comparePlans(assembled, former, circumstances)
    return { ...assembled, ...compared, first: crawled.inventory, inventory: after, before }
  } finally {
    await close()
  }
}

function circumstancesOf(url: string, version: string, now: number): Circumstances {
  return {
    tool: 'harbor-dredge 0.0.0',
    harbor: { url, version },
    policyFile: { path: 'policy.yml', digest: `sha256:${'0'.repeat(64)}` },
    createdAt: now,
    now,
    otherTime: false,
    mirrorPrefix: '',
  }
}

export async function planOf(url: string, text: string, options: PlanOptions = {}): Promise<Planned> {
  const { concurrency = 4, now = Date.now() } = options
  const policy = policyOf(text)
  const { harbor, close } = clientOf(url, options)
  try {
    const { version } = await harbor.account()
    const circumstances = circumstancesOf(url, version, now)
    const crawled = await crawl(harbor, needsOf(policy), { version, concurrency })
    const inventory = await readAgain(crawled, policy, circumstances, concurrency)
    return { ...assemblePlan(policy, inventory, circumstances), first: crawled.inventory, inventory }
  } finally {
    await close()
  }
}
