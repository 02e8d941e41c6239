import type { Crawled } from '../crawl/crawl.ts'
import type { Inventory } from '../inventory/types.ts'
import type { Circumstances } from '../plan/assemble.ts'
import { narrowed } from '../plan/narrow.ts'
import { needsOf, type Needs } from '../policy/needs.ts'
import type { Policy } from '../policy/types.ts'
import { SecondReadings } from './again.ts'

/** A policy as an edit leaves it, and as it was before. */
export interface Policies {
  readonly after: Policy
  readonly before: Policy
}

/** What each of two policies is decided on. */
export interface Inventories {
  readonly after: Inventory
  readonly before: Inventory
}

/**
 * Reads a second time what the plans of two policies touch, after one crawl for both. What is read for the policy
 * before an edit makes no difference to the one after it: that one's inventory is the one that it would have had
 * alone.
 *
 * @param crawled for what either policy needs
 * @param width readings side by side
 */
export async function readForBoth(
  crawled: Crawled,
  { after, before }: Policies,
  circumstances: Circumstances,
  width: number,
): Promise<Inventories> {
  const [needs, needsBefore] = [needsOf(after), needsOf(before)]
  const readings = new SecondReadings(crawled, circumstances, width)
  const inventory = await readings.for(after, narrowed(crawled.inventory, needs))
  const once = narrowed(crawled.inventory, needsBefore)
  if (!readAlike(needs, needsBefore)) {
    const others = new SecondReadings(crawled, circumstances, width)
    return { after: inventory, before: await others.for(before, once) }
  }
  return { after: inventory, before: await readings.for(before, goingOnFrom(inventory, once)) }
}

/** Whether the same is known of a repository by both. */
function readAlike(one: Needs, other: Needs): boolean {
  return one.accessories === other.accessories && one.orphans === other.orphans
}

/** An inventory that was read once, with the repositories of one that was read again, and what that failed on. */
function goingOnFrom(again: Inventory, once: Inventory): Inventory {
  const known = new Map(again.repositories.map((repository) => [repository.name, repository]))
  const names = new Set(once.repositories.map(({ name }) => name))
  const failed = again.failures.filter(({ where }) => names.has(where))
  return {
    projects: once.projects,
    repositories: once.repositories.map((repository) => known.get(repository.name) ?? repository),
    failures: [...once.failures, ...failed],
  }
}
