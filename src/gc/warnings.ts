import type { BinItem } from '../bin/bin.ts'
import { formatDuration } from '../shared/duration.ts'
import type { Sorted } from './sort.ts'
import type { Asked, Warning } from './types.ts'

/** What is found before a garbage collection is started. */
export interface Findings {
  readonly sorted: Sorted
  /** Lines of the bin that can't be read. */
  readonly damage: readonly string[]
  /** Harbor's own schedule as a cron expression; empty where there is none. */
  readonly schedule: string
}

/** What has to be said before a garbage collection, the worst first. */
export function warningsOf(
  { sorted, damage, schedule }: Findings,
  { keep, deleteUntagged }: Pick<Asked, 'keep' | 'deleteUntagged'>,
): readonly Warning[] {
  const { leaving, elsewhere } = sorted
  const many = countOf(leaving)
  const all: readonly Warning[] = [
    {
      words:
        keep === undefined
          ? `The policy has no trash.keep: ${many} that could be restored until now cannot come back after this garbage collection, which sweeps every blob of theirs that is older than two hours. The newest:`
          : `${many} went longer than trash.keep, ${formatDuration(keep)}, ago and cannot come back after this garbage collection. The newest:`,
      names: leaving.map((item) => nameOf(item)),
    },
    {
      words:
        'In the bin is what was deleted from elsewhere; if that is the same Harbor by another address, it is not kept:',
      names: elsewhere,
    },
    { words: 'In the bin are lines that count for nothing, nor does what stood there stay:', names: damage },
    {
      words:
        'Harbor collects garbage by a schedule of its own, which knows nothing of trash.keep and sweeps what it keeps; set it to None (Administration, Clean Up) and run gc by a workflow. It is:',
      names: keep === undefined || schedule === '' ? [] : [schedule],
    },
    {
      words:
        'Harbor deletes every artifact without a tag that nothing references, of any age and in every project, also what is being pushed; the policy says so:',
      names: deleteUntagged ? ['gc.delete-untagged'] : [],
    },
  ]
  return all.filter(({ names }) => names.length > 0)
}

/** Of what is inside `keep` and can't come back all the same. */
export function goneWarning(gone: readonly BinItem[]): readonly Warning[] {
  if (gone.length === 0) return []
  const words = `${countOf(gone)} should stay restorable, and cannot come back: some of their blobs are gone from Harbor, or their saved manifests cannot be read.`
  return [{ words, names: gone.map((item) => nameOf(item)) }]
}

const MOST_NAMES = 5

/** A warning in one line, with the first few names. */
export function inOneLine({ words, names }: Warning): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return `${words} ${names.slice(0, MOST_NAMES).join(', ')}${more}`
}

function countOf(items: readonly BinItem[]): string {
  return items.length === 1 ? '1 deleted image' : `${items.length} deleted images`
}

/** By its first tag, else by its digest. */
function nameOf({ repository, digest, tags }: BinItem): string {
  const [tag] = tags
  return tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`
}
