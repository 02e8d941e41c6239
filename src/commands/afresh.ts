import { crawl } from '../crawl/crawl.ts'
import type { Inventory } from '../inventory/types.ts'
import { assemblePlan, type Assembled, type Circumstances } from '../plan/assemble.ts'
import type { ReadPlan } from '../plan/read.ts'
import type { Action } from '../plan/types.ts'
import { needsOf } from '../policy/needs.ts'
import type { Policy } from '../policy/types.ts'
import { projectOf } from '../shared/repository.ts'
import { TOOL } from '../version.ts'
import { readAgain } from './again.ts'
import type { Applying } from './apply.ts'

/** Repositories that a plan touches, as they are now and as the policy decides them now. */
export interface Afresh {
  readonly inventory: Inventory
  readonly assembled: Assembled
}

/** Reads and decides the repositories of some of a plan's actions once more, by the same policy. */
export async function decideAfresh(
  actions: readonly Action[],
  plan: ReadPlan,
  policy: Policy,
  { connected: { harbor, account }, settings: { concurrency, mirror }, present }: Applying,
): Promise<Afresh> {
  const touched = new Set(actions.map(({ repository }) => repository))
  const projects = new Set([...touched].map((name) => projectOf(name)))
  const needs = {
    ...needsOf(policy),
    project: (name: string) => projects.has(name),
    repository: (name: string) => touched.has(name),
  }
  const circumstances: Circumstances = {
    tool: TOOL,
    harbor: plan.harbor,
    policyFile: plan.policy,
    createdAt: present,
    now: present,
    otherTime: false,
    mirrorPrefix: mirror.prefix,
  }
  const crawled = await crawl(harbor, needs, { version: account.version, concurrency })
  const inventory = await readAgain(crawled, policy, circumstances, concurrency)
  return { inventory, assembled: assemblePlan(policy, inventory, circumstances) }
}
