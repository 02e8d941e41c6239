import type { BinItem } from '../bin/bin.ts'
import type { Duration } from '../shared/duration.ts'
import type { Instant } from '../shared/instant.ts'

/** What a bin is sorted by. */
export interface Sorting {
  /** The Harbor whose garbage is collected. */
  readonly harbor: string
  readonly keep: Duration | undefined
  readonly now: Instant
  /** When garbage was last collected; what went before that can't have come back since. */
  readonly lastSweep: Instant | undefined
  /** How long Harbor keeps blobs that were pushed or asked for. */
  readonly window: Duration
  /** Whether it was copied to a mirror, from where it comes back without Harbor's blobs. */
  readonly isCopied: (item: BinItem) => boolean
}

/** What becomes of what is in a bin. */
export interface Sorted {
  /** Inside `keep`, the newest first: their blobs have to survive. */
  readonly kept: readonly BinItem[]
  /** What could come back until now, and can't afterwards; the newest first. */
  readonly leaving: readonly BinItem[]
  /** Older than `keep`, of whatever outcome: their saved manifests are of no use any more. */
  readonly droppable: readonly BinItem[]
  /** Other Harbors that something in the bin was deleted from. */
  readonly elsewhere: readonly string[]
}

/**
 * Tells what stays restorable, what leaves, and what isn't this Harbor's. A tag that went alone needs no blobs; what was
 * copied to a mirror stays in the bin as long as it isn't put back.
 */
export function sortBin(items: readonly BinItem[], sorting: Sorting): Sorted {
  const { harbor, keep, isCopied } = sorting
  const ours = items.filter((item) => item.harbor === harbor && item.manifests.length > 0)
  const isInside = ({ at }: BinItem): boolean => keep !== undefined && at + keep > sorting.now
  const lost = ours.filter((item) => mayHaveGone(item)).toSorted((a, b) => b.at - a.at)
  const kept = lost.filter((item) => isInside(item))
  const names = new Set(kept.map((item) => keyOf(item)))
  const others = items.filter((item) => item.harbor !== harbor && mayHaveGone(item))
  return {
    kept,
    leaving: lost.filter(
      (item) =>
        !isInside(item) &&
        wasLost(item) &&
        !isCopied(item) &&
        !names.has(keyOf(item)) &&
        mayStillComeBack(item, sorting),
    ),
    droppable:
      keep === undefined
        ? []
        : ours.filter((item) => !isInside(item) && !(isCopied(item) && mayHaveGone(item))),
    elsewhere: [...new Set(others.map((item) => item.harbor))],
  }
}

/** Its delete was sent at least, and no restore put it back. */
function mayHaveGone({ sent, outcome, restored }: BinItem): boolean {
  return !restored && (sent || outcome === 'done')
}

/** Unless Harbor refused the delete: then there is nothing to restore. */
export function wasLost({ outcome }: BinItem): boolean {
  return outcome !== 'skipped'
}

/** Without a keep nothing leaves the bin: what an earlier garbage collection ended was told then. */
function mayStillComeBack({ at }: BinItem, { keep, lastSweep, window }: Sorting): boolean {
  return keep !== undefined || lastSweep === undefined || at > lastSweep - window
}

/** The same image may have been deleted more than once. */
function keyOf({ repository, digest }: BinItem): string {
  return `${repository}@${digest}`
}
