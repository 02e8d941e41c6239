import type { Crawled } from '../crawl/crawl.ts'
import { Failures } from '../crawl/failures.ts'
import type { Digest, Inventory, Question, Repository } from '../inventory/types.ts'
import { draftActions, type Circumstances } from '../plan/assemble.ts'
import { questionsOf } from '../plan/questions.ts'
import type { Policy } from '../policy/types.ts'
import { forEachOf } from '../shared/concurrency.ts'

/**
 * The inventory with a second reading of everything that a plan would delete, and of what hangs on that and on what it
 * would copy. To read accessories of every artifact would cost the crawl a quarter more; and what Harbor failed to look
 * up the first time, and left empty, is there the second time. A draft of the plan tells what to read, again and again
 * until nothing is deleted that was read only once.
 *
 * @param width readings side by side
 */
export async function readAgain(
  crawled: Crawled,
  policy: Policy,
  circumstances: Circumstances,
  width: number,
): Promise<Inventory> {
  return new SecondReadings(crawled, circumstances, width).for(policy, crawled.inventory)
}

/** Second readings for one policy after another: what was read for the one isn't read again for the next. */
export class SecondReadings {
  readonly #readRepository: Crawled['readAgain']
  readonly #circumstances: Circumstances
  readonly #width: number
  readonly #read = new Map<string, Map<Digest, Question>>()

  /** @param width readings side by side */
  constructor({ readAgain: read }: Pick<Crawled, 'readAgain'>, circumstances: Circumstances, width: number) {
    this.#readRepository = read
    this.#circumstances = circumstances
    this.#width = width
  }

  /** The inventory with a second reading of everything that the policy's plan would delete, and what hangs on its copies. */
  async for(policy: Policy, inventory: Inventory): Promise<Inventory> {
    const failures = new Failures()
    const repositories = [...inventory.repositories]
    await forEachOf(repositories.entries(), this.#width, async ([index, once]) => {
      await failures.guard(once.name, async () => {
        for (let repository = once; ;) {
          const questions = this.#unanswered(repository, policy)
          if (questions.size === 0) return
          repository = await this.#readRepository(repository, questions)
          repositories[index] = repository
        }
      })
    })
    return { ...inventory, repositories, failures: [...inventory.failures, ...failures.inOrder()] }
  }

  /** What a draft asks that wasn't asked yet; it counts as answered from now on. */
  #unanswered(repository: Repository, policy: Policy): ReadonlyMap<Digest, Question> {
    const asked = questionsOf(repository, draftActions(policy, repository, this.#circumstances))
    const read = this.#read.get(repository.name) ?? new Map<Digest, Question>()
    const unanswered = new Map(
      [...asked].filter(([digest, question]) => {
        const before = read.get(digest)
        return before !== 'again' && before !== question
      }),
    )
    for (const [digest, question] of unanswered) read.set(digest, question)
    if (unanswered.size > 0) this.#read.set(repository.name, read)
    return unanswered
  }
}
