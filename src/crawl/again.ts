import type { Details, Harbor } from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import { accessoriesOf, childrenOf, tagsOf, toArtifact, type Reading } from '../inventory/artifact.ts'
import { mergeReadings } from '../inventory/merge.ts'
import type { Accessory, Artifact, Digest, Question, Repository } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { compareText } from '../shared/order.ts'
import { readById } from './by-id.ts'
import { artifactList } from './listing.ts'

/** As many digests as fit a URL that a proxy in front of Harbor takes (8 kB, nginx), with room to spare. */
const DIGESTS_PER_REQUEST = 80
/** From here on it is cheaper to list the whole repository once more than to ask for each. */
const MOST_DIGESTS = 400

/**
 * Reads on about artifacts of a repository that a plan would touch: those that it deletes once more, and now with
 * everything that hangs on them: their accessories, the accessories of those, and the tags on them. Harbor deletes an
 * artifact's accessories with it, whatever hangs on them (src/controller/artifact).
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

  /** The repository, with what all readings say of the artifacts that there are questions about. */
  async read(repository: Repository, questions: ReadonlyMap<Digest, Question>): Promise<Repository> {
    const asked = (which: Question): ReadonlySet<Digest> =>
      new Set([...questions].flatMap(([digest, question]) => (question === which ? [digest] : [])))
    const again = await this.#again(repository, asked('again'))
    const hanging = asked('hanging')
    if (hanging.size === 0) return again
    const artifacts = new Map(again.artifacts.map((artifact) => [artifact.digest, artifact]))
    await forEachOf(hanging, this.#width, async (digest) => {
      const artifact = artifacts.get(digest)
      const accessories = await this.#all(repository.name, artifact?.accessories ?? [], 1)
      if (artifact !== undefined) artifacts.set(digest, { ...artifact, accessories })
    })
    return { ...again, artifacts: [...artifacts.values()] }
  }

  /**
   * A second reading of artifacts. What no list has is asked for by itself: an orphan's signature is in none, and 404
   * there says that something is gone.
   */
  async #again(repository: Repository, digests: ReadonlySet<Digest>): Promise<Repository> {
    if (digests.size === 0) return repository
    const { name } = repository
    const artifacts = new Map(repository.artifacts.map((artifact) => [artifact.digest, artifact]))
    const again = new Map<Digest, Artifact>()
    // Twice, since this reading is the first of accessories.
    for (let reading = 1; reading <= 2; reading += 1) {
      await this.#list(name, [...digests], (answer) => {
        const before = again.get(answer.digest) ?? artifacts.get(answer.digest)
        if (before === undefined || !digests.has(answer.digest)) return
        again.set(answer.digest, mergeReadings(before, toArtifact(answer, name, this.#reading)))
      })
    }
    const absent = new Set(repository.absent)
    await forEachOf(digests, this.#width, async (digest) => {
      const before = artifacts.get(digest)
      const listed = again.get(digest)
      const answer =
        listed === undefined ? await this.#harbor.findArtifact(name, digest, this.#details) : undefined
      const found = answer && before && mergeReadings(before, toArtifact(answer, name, this.#reading))
      const artifact = listed ?? found
      if (artifact !== undefined) {
        artifacts.set(digest, {
          ...artifact,
          accessories: await this.#all(name, artifact.accessories ?? [], 2),
        })
      } else if (answer === undefined) {
        artifacts.delete(digest)
        absent.add(digest)
      }
    })
    return { ...repository, artifacts: [...artifacts.values()], absent }
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

  /**
   * Accessories and what hangs on them, in one list. No list of Harbor's has them as artifacts, so each is asked for. Of
   * one that isn't found although it was just listed, the tags and children stay unknown.
   *
   * @param times how often each is asked for
   */
  async #all(repository: string, listed: readonly Accessory[], times: number): Promise<readonly Accessory[]> {
    const all = new Map<Digest, Accessory>()
    const visit = async (accessory: Accessory): Promise<void> => {
      if (all.has(accessory.digest)) return
      const found: ArtifactAnswer[] = []
      for (let reading = 1; reading <= times; reading += 1) {
        const answer = await this.#harbor.findArtifact(repository, accessory.digest, this.#details)
        if (answer !== undefined) found.push(answer)
      }
      const tags = new Map(found.flatMap((answer) => tagsOf(answer)).map((tag) => [tag.name, tag]))
      const children = new Set(found.flatMap((answer) => childrenOf(answer)))
      const read = found.length === 0 ? NOT_READ : { tags: [...tags.values()], children: [...children] }
      all.set(accessory.digest, { ...accessory, ...read })
      const nested = found.flatMap((answer) => accessoriesOf(answer, this.#reading))
      for (const each of nested) await visit(each)
    }
    for (const accessory of listed) await visit(accessory)
    return [...all.values()].toSorted((a, b) => compareText(a.digest, b.digest))
  }
}

const NOT_READ = { tags: null, children: null } as const

function* chunksOf(digests: readonly Digest[]): Generator<readonly Digest[]> {
  for (let at = 0; at < digests.length; at += DIGESTS_PER_REQUEST) {
    yield digests.slice(at, at + DIGESTS_PER_REQUEST)
  }
}
