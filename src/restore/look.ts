import { Forbidden, NotFound, Unauthorized } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { ProjectAnswer } from '../harbor/schemas.ts'
import type { Digest } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { toPut } from './decide.ts'
import type { Loaded, Present, Standing } from './types.ts'

/** Looks at what Harbor has. What several items share is asked for once. */
export class Look {
  readonly #harbor: Harbor
  readonly #width: number
  readonly #blobs = new Map<string, Promise<boolean>>()
  readonly #projects = new Map<string, Promise<ProjectAnswer | 'gone' | 'unknown'>>()

  /** @param width requests side by side, for each item */
  constructor(harbor: Harbor, width: number) {
    this.#harbor = harbor
    this.#width = width
  }

  /** A project; `unknown` where the account may not see it. */
  project(name: string): Promise<ProjectAnswer | 'gone' | 'unknown'> {
    return once(this.#projects, name, async () => {
      try {
        return await this.#harbor.project(name)
      } catch (error) {
        if (error instanceof NotFound) return 'gone'
        if (error instanceof Forbidden || error instanceof Unauthorized) return 'unknown'
        throw error
      }
    })
  }

  /** What Harbor has of an item. Asking for the blobs of what is to be put keeps them from garbage collection. */
  async standing({ item, pieces }: Loaded): Promise<Omit<Standing, 'mirrored'>> {
    const { repository } = item
    const digests = pieces.flatMap(({ digest, children }) => [digest, ...children])
    const present = await this.present(repository, digests)
    const places = new Map<string, Digest>()
    const astray = pieces.flatMap(({ digest, tags }) =>
      tags
        .filter((tag) => present.get(digest)?.tags.includes(tag) !== true)
        .map((tag) => [tag, digest] as const),
    )
    await forEachOf(astray, this.#width, async ([tag, digest]) => {
      const on = await this.place(repository, tag)
      if (on !== undefined && on !== digest) places.set(tag, on)
    })
    const gone = new Set<Digest>()
    const blobs = new Set(toPut(pieces, present).flatMap((piece) => piece.blobs.map(({ digest }) => digest)))
    await forEachOf(blobs, this.#width, async (blob) => {
      const isThere = await once(this.#blobs, `${repository}@${blob}`, () =>
        this.#harbor.hasBlob(repository, blob),
      )
      if (!isThere) gone.add(blob)
    })
    return { present, places, gone }
  }

  /** The artifacts that are there, of these. */
  async present(repository: string, digests: readonly Digest[]): Promise<ReadonlyMap<Digest, Present>> {
    const present = new Map<Digest, Present>()
    await forEachOf(new Set(digests), this.#width, async (digest) => {
      const found = await this.#artifact(repository, digest)
      if (found === undefined) return
      const { tags, labels, references, accessories } = found
      present.set(digest, {
        tags: tags.map(({ name }) => name),
        labels: (labels ?? []).map(({ name, id }) => ({ name, id: id ?? null })),
        children: references.map(({ child_digest }) => child_digest),
        accessories: (accessories ?? []).map((accessory) => accessory.digest),
      })
    })
    return present
  }

  /** What a tag stands on. */
  async place(repository: string, tag: string): Promise<Digest | undefined> {
    return (await this.#artifact(repository, tag))?.digest
  }

  #artifact(repository: string, reference: string): ReturnType<Harbor['findArtifact']> {
    return this.#harbor.findArtifact(repository, reference, { labels: true })
  }
}

function once<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const asked = known.get(key) ?? ask()
  known.set(key, asked)
  return asked
}
