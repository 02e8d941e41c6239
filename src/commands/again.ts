import type { Crawled } from '../crawl/crawl.ts'
import { Failures } from '../crawl/failures.ts'
import type { Inventory, Repository } from '../inventory/types.ts'
import { assemblePlan, type Circumstances } from '../plan/assemble.ts'
import { questionsOf } from '../plan/questions.ts'
import type { Policy } from '../policy/types.ts'
import { forEachOf } from '../shared/concurrency.ts'

/**
 * The inventory with a second reading of everything that a plan would delete or copy, and of what hangs on it. To
 * read accessories of every artifact would cost the crawl a quarter more; and what Harbor failed to look up the first
 * time, and left empty, is there the second time. A draft of the plan tells what to read.
 *
 * @param width readings side by side
 */
export async function readAgain(
  { inventory, readAgain: readRepository }: Crawled,
  policy: Policy,
  circumstances: Circumstances,
  width: number,
): Promise<Inventory> {
  const draft = assemblePlan(policy, inventory, circumstances, { draft: true })
  const actions = new Map(draft.repositories.map((repository) => [repository.name, repository.actions]))
  const failures = new Failures()
  const read = new Map<string, Repository>()
  await forEachOf(inventory.repositories, width, async (repository) => {
    const digests = questionsOf(repository, actions.get(repository.name) ?? [])
    if (digests.size === 0) return
    await failures.guard(repository.name, async () => {
      read.set(repository.name, await readRepository(repository, digests))
    })
  })
  return {
    ...inventory,
    repositories: inventory.repositories.map((repository) => read.get(repository.name) ?? repository),
    failures: [...inventory.failures, ...failures.inOrder()],
  }
}
