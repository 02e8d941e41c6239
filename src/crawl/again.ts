import { NotFound } from '../harbor/errors.ts'
import type { Details, Harbor } from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import { accessoriesOf, tagsOf, toArtifact, type Reading } from '../inventory/artifact.ts'
import { mergeReadings } from '../inventory/merge.ts'
import type { Accessory, Artifact, Digest, Repository } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { compareText } from '../shared/order.ts'
import { readById } from './by-id.ts'
import { artifactList } from './listing.ts'

/** As many digests as fit a URL that a proxy in front of Harbor takes (8 kB, nginx), with room to spare. */
const DIGESTS_PER_REQUEST = 80
/** From here on it is cheaper to list the whole repository once more than to ask for each. */
const MOST_DIGESTS = 400

/**
 * Reads some artifacts of a repository once more, those that a plan would touch, and now with everything that hangs
 * on them: their accessories, the accessories of those, and the tags on them. Harbor deletes an artifact's
 * accessories with it, whatever hangs on them (src/controller/artifact).
 */
export class SecondReader {
  readonly #harbor: Harbor
  readonly #width: number
  readonly #reading: Reading
  readonly #details: Details

  /**
   * @param width requests side by side
   * @param reading how the answers of this project are read
   */
  constructor(harbor: Harbor, width: number, reading: Reading) {
    const { details, immutability } = reading
    this.#harbor = harbor
    this.#width = width
    this.#reading = { ...reading, details: { ...details, accessories: true } }
    this.#details = { labels: details.labels, accessories: true, immutability: immutability === undefined }
  }

  /** The repository, with what both readings say of these artifacts. */
  async read(repository: Repository, digests: ReadonlySet<Digest>): Promise<Repository> {
    const second = new Map<Digest, Artifact>()
    await this.#list(repository.name, [...digests], (answer) => {
      if (digests.has(answer.digest)) {
        second.set(answer.digest, toArtifact(answer, repository.name, this.#reading))
      }
    })
    const artifacts = new Map(repository.artifacts.map((artifact) => [artifact.digest, artifact]))
    await forEachOf(second.values(), this.#width, async (again) => {
      const first = artifacts.get(again.digest)
      const merged = first === undefined ? again : mergeReadings(first, again)
      const accessories = await this.#all(repository.name, merged.accessories ?? [])
      artifacts.set(again.digest, { ...merged, accessories })
    })
    return { ...repository, artifacts: [...artifacts.values()] }
  }

  async #list(
    repository: string,
    digests: readonly Digest[],
    take: (answer: ArtifactAnswer) => void,
  ): Promise<void> {
    if (digests.length > MOST_DIGESTS) {
      const list = artifactList(this.#harbor, { repository }, this.#details)
      await readById(list, this.#width, (answers) => {
        for (const answer of answers) take(answer)
      })
      return
    }
    await forEachOf(chunksOf(digests), this.#width, async (chunk) => {
      for (const answer of await this.#harbor.artifactsOf(repository, chunk, this.#details)) take(answer)
    })
  }

  /** Accessories and what hangs on them, in one list. No list of Harbor's has them as artifacts, so each is asked for. */
  async #all(repository: string, listed: readonly Accessory[]): Promise<readonly Accessory[]> {
    const all = new Map<Digest, Accessory>()
    const visit = async (accessory: Accessory): Promise<void> => {
      if (all.has(accessory.digest)) return
      const answer = await this.#find(repository, accessory.digest)
      all.set(accessory.digest, { ...accessory, tags: answer === undefined ? [] : tagsOf(answer) })
      for (const nested of answer === undefined ? [] : accessoriesOf(answer, this.#reading)) {
        await visit(nested)
      }
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
}

function* chunksOf(digests: readonly Digest[]): Generator<readonly Digest[]> {
  for (let at = 0; at < digests.length; at += DIGESTS_PER_REQUEST) {
    yield digests.slice(at, at + DIGESTS_PER_REQUEST)
  }
}
