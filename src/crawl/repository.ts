import { UnexpectedAnswer } from '../harbor/errors.ts'
import type { Details, Listing } from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import { toArtifact, type Reading } from '../inventory/artifact.ts'
import type { Immutability } from '../inventory/immutable.ts'
import { settleMovedTags } from '../inventory/moved-tags.ts'
import { rollUpPulls } from '../inventory/pulls.ts'
import type { Artifact, Digest, Question, Repository } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { compareText } from '../shared/order.ts'
import { projectOf } from '../shared/repository.ts'
import { SecondReader } from './again.ts'
import { readById } from './by-id.ts'
import type { CrawlContext } from './context.ts'
import { artifactList } from './listing.ts'
import { findOrphans } from './orphans.ts'

/** Reads repositories of one project. */
export class RepositoryReader {
  readonly #context: CrawlContext
  readonly #details: Details
  readonly #reading: Reading

  /** @param immutability undefined where Harbor has to be asked about every tag */
  constructor(context: CrawlContext, immutability: Immutability | undefined) {
    const { labels, accessories, created } = context.needs
    this.#context = context
    this.#details = { labels, accessories, immutability: immutability === undefined }
    const { platforms, tellsSignatures } = context
    this.#reading = { details: this.#details, created, immutability, platforms, tellsSignatures }
  }

  async one(name: string): Promise<Repository> {
    const artifacts: Artifact[] = []
    await this.#read({ repository: name }, (answer) => {
      artifacts.push(toArtifact(answer, name, this.#reading))
    })
    return this.#finish(name, artifacts)
  }

  /** Reads several in one listing of their project, and those that appear in it meanwhile. */
  async together(project: string, names: readonly string[]): Promise<readonly Repository[]> {
    const repositories = new Map<string, Artifact[]>(names.map((name) => [name, []]))
    await this.#read({ project }, (answer) => {
      const name = answer.repository_name
      if (typeof name !== 'string') throw nameless(project)
      const artifacts = repositories.get(name) ?? []
      if (artifacts.length === 0 && !this.#context.needs.repository(name)) return
      artifacts.push(toArtifact(answer, name, this.#reading))
      repositories.set(name, artifacts)
    })
    const finished: Repository[] = []
    await forEachOf(repositories, this.#context.width, async ([name, artifacts]) => {
      await this.#context.failures.guard(name, async () => {
        finished.push(await this.#finish(name, artifacts))
      })
    })
    return finished
  }

  /** The repository with what there is to know of some of its artifacts. */
  async again(repository: Repository, questions: ReadonlyMap<Digest, Question>): Promise<Repository> {
    const { harbor, width } = this.#context
    const read = await new SecondReader(harbor, width, this.#reading).read(repository, questions)
    return { ...read, artifacts: inOrder(read.artifacts) }
  }

  async #read(listing: Listing, take: (answer: ArtifactAnswer) => void): Promise<void> {
    const { harbor, width } = this.#context
    await readById(artifactList(harbor, listing, this.#details), width, (answers) => {
      for (const answer of answers) take(answer)
    })
  }

  async #finish(name: string, read: readonly Artifact[]): Promise<Repository> {
    const { harbor, needs } = this.#context
    const orphans = needs.orphans
      ? await findOrphans(harbor, name, read, this.#details)
      : { absent: new Set<string>(), hidden: [] }
    const hidden = orphans.hidden.map((answer) => toArtifact(answer, name, this.#reading))
    return {
      name,
      project: projectOf(name),
      artifacts: inOrder([...read, ...hidden]),
      absent: orphans.absent,
      ...(hidden.length === 0 ? {} : { unlisted: unlistedOf(hidden, read) }),
    }
  }
}

function unlistedOf(hidden: readonly Artifact[], read: readonly Artifact[]): ReadonlySet<Digest> {
  const listed = new Set(read.map(({ digest }) => digest))
  return new Set(hidden.map(({ digest }) => digest).filter((digest) => !listed.has(digest)))
}

/** Artifacts as they are decided by: by digest, each once, each tag on one of them, pulls of children counted for their index. */
function inOrder(artifacts: readonly Artifact[]): readonly Artifact[] {
  const sorted = artifacts.toSorted((a, b) => compareText(a.digest, b.digest) || a.pushed - b.pushed)
  // One that was deleted and pushed again while it was read is there under two ids: the later push stands.
  const distinct = sorted.filter(({ digest }, index) => digest !== sorted[index + 1]?.digest)
  return rollUpPulls(settleMovedTags(distinct))
}

function nameless(project: string): UnexpectedAnswer {
  const message = 'lists artifacts without the name of their repository; is this Harbor 2.12 or newer?'
  return new UnexpectedAnswer('UNKNOWN_FORM', message, {
    method: 'GET',
    path: `artifacts of ${project}`,
    status: 200,
  })
}
