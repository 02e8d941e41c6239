import type { Crawled } from '../crawl/crawl.ts'
import { Failures } from '../crawl/failures.ts'
import type { Inventory } from '../inventory/types.ts'
import { draftActions, type Circumstances } from '../plan/assemble.ts'
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
  const failures = new Failures()
  const repositories = [...inventory.repositories]
  await forEachOf(repositories.entries(), width, async ([index, repository]) => {
    const digests = questionsOf(repository, draftActions(policy, repository, circumstances))
    if (digests.size === 0) return
    await failures.guard(repository.name, async () => {
      repositories[index] = await readRepository(repository, digests)
    })
  })
  return { ...inventory, repositories, failures: [...inventory.failures, ...failures.inOrder()] }
}
