import { NotFound } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import { accessoriesOf, tagsOf } from '../inventory/artifact.ts'
import { cosignSubject } from '../inventory/cosign.ts'
import type { Accessory, Digest, Repository, Tag } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { readListing } from './listing.ts'

/** As many digests as fit a URL that a proxy in front of Harbor takes (8 kB, nginx), with room to spare. */
const DIGESTS_PER_REQUEST = 80
/** From here on it is cheaper to list the whole repository once more than to ask for each. */
const MOST_DIGESTS = 400

/** Reads what goes along when artifacts go: their accessories, and the tags that stand on those. */
export class AccessoryReader {
  readonly #harbor: Harbor
  readonly #width: number

  /** @param width requests side by side */
  constructor(harbor: Harbor, width: number) {
    this.#harbor = harbor
    this.#width = width
  }

  /** The repository with the accessories of some of its artifacts. */
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
    const some = [...accessories.values()].some((list) => list.length > 0)
    const tags = some ? await this.#tags(repository, digests) : new Map<Digest, readonly Tag[]>()
    const artifacts = repository.artifacts.map((artifact) => {
      const list = accessories.get(artifact.digest)
      if (list === undefined) return artifact
      const tagged = list.map((accessory) => ({ ...accessory, tags: tags.get(accessory.digest) ?? [] }))
      return { ...artifact, accessories: tagged }
    })
    return { ...repository, artifacts }
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

  /** No list has accessories with their tags. What `/v2` lists beyond the artifacts' own tags stands on accessories. */
  async #tags(
    repository: Repository,
    subjects: ReadonlySet<Digest>,
  ): Promise<ReadonlyMap<Digest, readonly Tag[]>> {
    const own = new Set(repository.artifacts.flatMap(({ tags }) => tags.map(({ name }) => name)))
    const found = new Map<Digest, readonly Tag[]>()
    const hidden = (await this.#harbor.allTags(repository.name)).filter((tag) => {
      const subject = cosignSubject(tag)
      return !own.has(tag) && (subject === undefined || subjects.has(subject))
    })
    await forEachOf(hidden, this.#width, async (tag) => {
      try {
        const answer = await this.#harbor.artifact(repository.name, tag)
        found.set(answer.digest, tagsOf(answer))
      } catch (error) {
        if (!(error instanceof NotFound)) throw error
      }
    })
    return found
  }
}

function* chunksOf(digests: readonly Digest[]): Generator<readonly Digest[]> {
  for (let at = 0; at < digests.length; at += DIGESTS_PER_REQUEST) {
    yield digests.slice(at, at + DIGESTS_PER_REQUEST)
  }
}
