import type { BinItem } from '../bin/bin.ts'
import { Forbidden, NotFound, Unauthorized } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { Digest } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import type { Duration } from '../shared/duration.ts'
import type { Instant } from '../shared/instant.ts'
import { projectOf } from '../shared/repository.ts'
import type { NeededBlob } from './blobs.ts'
import type { Time } from './types.ts'

/** What asking takes. */
export interface Asking {
  readonly harbor: Harbor
  /** Requests under way at once. */
  readonly width: number
  readonly time: Time
  readonly onAsked: (asked: number, all: number) => void
}

/**
 * Keeps blobs from garbage collection: Harbor spares what was asked for by HEAD within its time window (v2.10.3,
 * v2.15.1). The window is the blob's, whatever repository it was asked of.
 */
export class Keeper {
  readonly #blobs: ReadonlyMap<Digest, NeededBlob>
  readonly #asking: Asking
  readonly #asked = new Map<Digest, Instant>()
  readonly #gone = new Set<Digest>()
  readonly #projects = new Map<string, Promise<boolean>>()

  constructor(blobs: ReadonlyMap<Digest, NeededBlob>, asking: Asking) {
    this.#blobs = blobs
    this.#asking = asking
  }

  /**
   * Asks for every blob that wasn't asked for lately.
   *
   * @param lately the age up to which an earlier time counts
   * @throws HarborError when whether a blob is there can't be told
   */
  async keep(lately: Duration): Promise<void> {
    const { width, time, onAsked } = this.#asking
    const due = [...this.#blobs].filter(([digest]) => {
      const asked = this.#asked.get(digest)
      return !this.#gone.has(digest) && (asked === undefined || time.now() - asked >= lately)
    })
    let done = 0
    await forEachOf(due, width, async ([digest, { repositories }]) => {
      const at = time.now()
      if (await this.#isThere(digest, repositories)) this.#asked.set(digest, at)
      else this.#gone.add(digest)
      onAsked((done += 1), due.length)
    })
  }

  /** How long ago the first of the blobs was asked for that are there. */
  age(): Duration {
    const now = this.#asking.time.now()
    return [...this.#asked]
      .filter(([digest]) => !this.#gone.has(digest))
      .reduce((oldest, [, at]) => Math.max(oldest, now - at), 0)
  }

  /** Items that lack a blob. */
  incomplete(): ReadonlySet<BinItem> {
    return new Set([...this.#gone].flatMap((digest) => this.#blobs.get(digest)?.items ?? []))
  }

  /** A repository doesn't have every blob that there is: it may have been removed since. */
  async #isThere(digest: Digest, repositories: ReadonlySet<string>): Promise<boolean> {
    for (const repository of repositories) {
      try {
        if (await this.#asking.harbor.hasBlob(repository, digest)) return true
      } catch (error) {
        // Of a project that is gone the registry says that the account may not pull.
        const isRefused = error instanceof Unauthorized || error instanceof Forbidden
        if (!isRefused || !(await this.#isProjectGone(repository))) throw error
      }
    }
    return false
  }

  #isProjectGone(repository: string): Promise<boolean> {
    const name = projectOf(repository)
    const known = this.#projects.get(name)
    if (known !== undefined) return known
    const asking = this.#asking.harbor.project(name).then(
      () => false,
      (error: unknown) => error instanceof NotFound,
    )
    this.#projects.set(name, asking)
    return asking
  }
}
