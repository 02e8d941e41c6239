import type { Crawled } from '../crawl/crawl.ts'
import { Failures } from '../crawl/failures.ts'
import type { Digest, Inventory } from '../inventory/types.ts'
import { draftActions, type Circumstances } from '../plan/assemble.ts'
import { questionsOf } from '../plan/questions.ts'
import type { Policy } from '../policy/types.ts'
import { forEachOf } from '../shared/concurrency.ts'

/**
 * The inventory with a second reading of everything that a plan would delete or copy, and of what hangs on it. To
 * read accessories of every artifact would cost the crawl a quarter more; and what Harbor failed to look up the first
 * time, and left empty, is there the second time. A draft of the plan tells what to read, again and again until
 * nothing is touched that was read only once.
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
  await forEachOf(repositories.entries(), width, async ([index, once]) => {
    await failures.guard(once.name, async () => {
      const read = new Set<Digest>()
      for (let repository = once; ;) {
        const touched = questionsOf(repository, draftActions(policy, repository, circumstances))
        const digests = new Set([...touched].filter((digest) => !read.has(digest)))
        if (digests.size === 0) return
        for (const digest of digests) read.add(digest)
        repository = await readRepository(repository, digests)
        repositories[index] = repository
      }
    })
  })
  return { ...inventory, repositories, failures: [...inventory.failures, ...failures.inOrder()] }
}
