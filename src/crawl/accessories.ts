import { NotFound } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import { accessoriesOf, tagsOf } from '../inventory/artifact.ts'
import type { Accessory, Digest, Repository } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { compareText } from '../shared/order.ts'
import { readListing } from './listing.ts'

/** As many digests as fit a URL that a proxy in front of Harbor takes (8 kB, nginx), with room to spare. */
const DIGESTS_PER_REQUEST = 80
/** From here on it is cheaper to list the whole repository once more than to ask for each. */
const MOST_DIGESTS = 400

/**
 * Reads what goes along when artifacts go: their accessories, the accessories of those, and the tags that stand on
 * them. Harbor deletes an artifact's accessories with it, whatever hangs on them (src/controller/artifact).
 */
export class AccessoryReader {
  readonly #harbor: Harbor
  readonly #width: number

  /** @param width requests side by side */
  constructor(harbor: Harbor, width: number) {
    this.#harbor = harbor
    this.#width = width
  }

  /** The repository with everything that hangs on some of its artifacts, each in one list. */
  async read(repository: Repository, digests: ReadonlySet<Digest>): Promise<Repository> {
    const accessories = new Map<Digest, readonly Accessory[]>()
    const unread: Digest[] = []
    for (const { digest, accessories: known } of repository.artifacts) {
      if (!digests.has(digest)) continue
      if (known === null) unread.push(digest)
      else accessories.set(digest, known)
    }
    await this.#list(repository.name, unread, (answer) => {
      if (digests.has(answer.digest)) accessories.set(answer.digest, accessoriesOf(answer))
    })
    await forEachOf([...accessories], this.#width, async ([digest, listed]) => {
      if (listed.length > 0) accessories.set(digest, await this.#withAll(repository.name, listed))
    })
    const artifacts = repository.artifacts.map((artifact) => {
      const all = accessories.get(artifact.digest)
      return all === undefined ? artifact : { ...artifact, accessories: all }
    })
    return { ...repository, artifacts }
  }

  /** No list has accessories as artifacts, so each is asked for. */
  async #withAll(repository: string, listed: readonly Accessory[]): Promise<readonly Accessory[]> {
    const all = new Map<Digest, Accessory>()
    const visit = async (accessory: Accessory): Promise<void> => {
      if (all.has(accessory.digest)) return
      const answer = await this.#find(repository, accessory.digest)
      all.set(accessory.digest, { ...accessory, tags: answer === undefined ? [] : tagsOf(answer) })
      for (const nested of answer === undefined ? [] : accessoriesOf(answer)) await visit(nested)
    }
    for (const accessory of listed) await visit(accessory)
    return [...all.values()].toSorted((a, b) => compareText(a.digest, b.digest))
  }

  async #find(repository: string, digest: Digest): Promise<ArtifactAnswer | undefined> {
    try {
      return await this.#harbor.artifact(repository, digest)
    } catch (error) {
      if (error instanceof NotFound) return undefined
      throw error
    }
  }

  async #list(
    repository: string,
    digests: readonly Digest[],
    take: (answer: ArtifactAnswer) => void,
  ): Promise<void> {
    if (digests.length > MOST_DIGESTS) {
      const details = { labels: false, accessories: true, immutability: false }
      await readListing(this.#harbor, { listing: { repository }, details }, this.#width, (answers) => {
        for (const answer of answers) take(answer)
      })
      return
    }
    await forEachOf(chunksOf(digests), this.#width, async (chunk) => {
      for (const answer of await this.#harbor.accessories(repository, chunk)) take(answer)
    })
  }
}

function* chunksOf(digests: readonly Digest[]): Generator<readonly Digest[]> {
  for (let at = 0; at < digests.length; at += DIGESTS_PER_REQUEST) {
    yield digests.slice(at, at + DIGESTS_PER_REQUEST)
  }
}
