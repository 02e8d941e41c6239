import { AccessoryReader } from '../crawl/accessories.ts'
import { Failures } from '../crawl/failures.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { Inventory, Repository } from '../inventory/types.ts'
import { assemblePlan, type Circumstances } from '../plan/assemble.ts'
import { accessoriesInQuestion } from '../plan/questions.ts'
import type { Policy } from '../policy/types.ts'
import { forEachOf } from '../shared/concurrency.ts'

/**
 * The inventory with the accessories of everything that a plan would delete or copy. Reading those of every artifact
 * would cost the crawl a quarter more; a draft of the plan tells which are needed.
 */
export async function withAccessories(
  harbor: Harbor,
  policy: Policy,
  inventory: Inventory,
  circumstances: Circumstances & { readonly concurrency: number },
): Promise<Inventory> {
  const { concurrency } = circumstances
  const draft = assemblePlan(policy, inventory, circumstances, { draft: true })
  const actions = new Map(draft.repositories.map((repository) => [repository.name, repository.actions]))
  const reader = new AccessoryReader(harbor, concurrency)
  const failures = new Failures()
  const read = new Map<string, Repository>()
  await forEachOf(inventory.repositories, concurrency, async (repository) => {
    const digests = accessoriesInQuestion(repository, actions.get(repository.name) ?? [])
    if (digests.size === 0) return
    await failures.guard(repository.name, async () => {
      read.set(repository.name, await reader.read(repository, digests))
    })
  })
  return {
    ...inventory,
    repositories: inventory.repositories.map((repository) => read.get(repository.name) ?? repository),
    failures: [...inventory.failures, ...failures.inOrder()],
  }
}
