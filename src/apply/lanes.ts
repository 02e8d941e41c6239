import type { Artifact, Digest, Inventory } from '../inventory/types.ts'
import type { Copy } from '../plan/types.ts'
import { compareText } from '../shared/order.ts'

/** Copies to one target repository. */
interface Lane {
  /** The next one last. */
  readonly waiting: { readonly copy: Copy; readonly size: number }[]
  /** Bytes of those that wait. */
  left: number
  /** Whether its first one is under way: what they share is sent once. */
  seeding: boolean
}

/**
 * Copies in an order in which little is sent twice and nobody waits for a large one at the end. To each target the
 * oldest come first, as a retention there would have it; and its first one comes alone, since the images of a repository
 * share layers, which all of them would send. Of the targets the one with most left to send comes first.
 */
export class Lanes {
  readonly #lanes: Lane[]
  readonly #laneOf = new Map<Copy, Lane>()
  readonly #wake: (() => void)[] = []

  /** @param inventory tells how large and how old images are */
  constructor(copies: readonly Copy[], { repositories }: Inventory) {
    const artifacts = new Map(repositories.map(({ name, artifacts: all }) => [name, byDigest(all)] as const))
    const known = (copy: Copy): Artifact | undefined => artifacts.get(copy.repository)?.get(copy.digest)
    const byTarget = [...Map.groupBy(copies, ({ target }) => target)].toSorted(([a], [b]) =>
      compareText(a, b),
    )
    this.#lanes = byTarget.map(([, all]) => {
      const oldestFirst = all.toSorted(
        (a, b) => (known(a)?.pushed ?? 0) - (known(b)?.pushed ?? 0) || compareText(a.digest, b.digest),
      )
      const waiting = oldestFirst.map((copy) => ({ copy, size: known(copy)?.size ?? 0 })).toReversed()
      const lane = { waiting, left: sumOf(waiting), seeding: false }
      for (const copy of all) this.#laneOf.set(copy, lane)
      return lane
    })
  }

  /** Copies as they may begin; each has to be told of with `ended`. For several to take from. */
  async *ready(): AsyncGenerator<Copy, void, undefined> {
    const begun = new Set<Lane>()
    for (;;) {
      if (this.#lanes.every(({ waiting }) => waiting.length === 0)) return
      const lane = this.#mostLeft()
      const next = lane?.waiting.pop()
      if (lane === undefined || next === undefined) {
        await this.#change()
        continue
      }
      lane.left -= next.size
      lane.seeding = !begun.has(lane)
      begun.add(lane)
      yield next.copy
    }
  }

  ended(copy: Copy): void {
    const lane = this.#laneOf.get(copy)
    if (lane !== undefined) lane.seeding = false
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** Of the lanes with one that may begin, the one with most left to send. */
  #mostLeft(): Lane | undefined {
    let most: Lane | undefined
    for (const lane of this.#lanes) {
      if (lane.seeding || lane.waiting.length === 0) continue
      if (most === undefined || lane.left > most.left) most = lane
    }
    return most
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve)
    })
  }
}

function byDigest(artifacts: readonly Artifact[]): ReadonlyMap<Digest, Artifact> {
  return new Map(artifacts.map((artifact) => [artifact.digest, artifact]))
}

function sumOf(waiting: Lane['waiting']): number {
  return waiting.reduce((sum, { size }) => sum + size, 0)
}
