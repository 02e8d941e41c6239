import { isIdle } from '../plan/mirrored.ts'
import type { Plan } from '../plan/types.ts'
import { formatBytes } from '../shared/bytes.ts'

/**
 * `12,500`. Not by `toLocaleString`, which takes 20 ms when it is first asked.
 *
 * @param count a whole number
 */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `1 tag`, `3 tags`, `12,500 tags`; nouns that don't take an s have their plural given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`
}

/** What the plan comes to, in a sentence or two. */
export function verdict(plan: Plan): string {
  const { actions, totals } = plan
  const { deleteArtifacts, deleteTags, units } = totals
  if (actions.length === 0) {
    return `Nothing to do: none of ${countedUnits(units)} is due.`
  }
  const along = actions.reduce(
    (sum, action) => sum + (action.kind === 'delete-artifact' ? action.tags.length : 0),
    0,
  )
  const deletes = [
    deleteArtifacts > 0 ? `${counted(deleteArtifacts, 'artifact')} with ${counted(along, 'tag')}` : '',
    deleteTags > 0 ? `${counted(deleteTags, 'tag')} of artifacts that stay` : '',
  ].filter((part) => part !== '')
  const copies = copiesDue(plan)
  const parts = [
    deletes.length > 0 ? `delete ${deletes.join(' and ')}` : '',
    copies > 0 ? `copy ${counted(copies, 'image')} to the mirror` : '',
  ].filter((part) => part !== '')
  return parts.length === 0
    ? `Nothing to do: of ${counted(totals.copies, 'image')} to copy none has to be sent to the mirror.`
    : `Would ${parts.join('; ')}.`
}

/** Copies that an apply would try to make: not of what is at the mirror already, or has to stay away from it. */
function copiesDue({ totals, targets, mirror }: Plan): number {
  return totals.copies - targets.filter(({ state }) => isIdle(state, mirror?.overwrite)).length
}

/** How the copies stand at the mirror, and what is sent at most; empty where nothing is copied. */
export function mirrored({ mirror, totals }: Plan): readonly string[] {
  if (totals.copies === 0) return []
  const atMost =
    totals.copyBytes === 0 ? [] : [`At most ${formatBytes(totals.copyBytes)} is sent to the mirror.`]
  if (mirror === null) return atMost
  const counts: readonly (readonly [count: number, words: string])[] = [
    [mirror.new, 'new'],
    [mirror.same, 'there already'],
    [mirror.update, `under a tag that another image has there, which ${UPDATES[mirror.overwrite]}`],
    [mirror.blocked, 'under a tag that stays on another image'],
    [mirror.unknown, 'of which that is not known'],
  ]
  const parts = counts.flatMap(([count, words]) => (count === 0 ? [] : [`${grouped(count)} ${words}`]))
  return [`At the mirror: ${parts.join(', ')}.`, ...atMost]
}

const UPDATES = {
  never: 'keeps it (mirror.overwrite: never)',
  always: 'loses it (mirror.overwrite: always)',
  fail: 'is a failure (mirror.overwrite: fail)',
} as const

/** What deletes free once Harbor's garbage collection has run; empty where nothing is known. */
export function freed({ totals }: Plan): string {
  const { sizes, reclaimableBytes, deleteArtifacts } = totals
  if (reclaimableBytes === null || deleteArtifacts === 0) return ''
  const bytes = formatBytes(reclaimableBytes)
  return sizes === 'exact'
    ? `Garbage collection then frees ${bytes}.`
    : `Garbage collection then frees at most ${bytes}; less where layers are shared with what stays.`
}

/** What stays, and what was read. */
export function stays({ totals }: Plan): string {
  const { kept, protected: isProtected, repositories, projects } = totals
  const places = `${counted(repositories, 'repository', 'repositories')} in ${counted(projects, 'project')}`
  return `Read ${places}: ${countedUnits(kept)} kept, ${grouped(isProtected)} protected.`
}

function countedUnits(units: number): string {
  return counted(units, 'tag or untagged artifact', 'tags and untagged artifacts')
}

/** How an image was copied. */
export const HOW_WORDS = {
  nothing: 'there already',
  tags: 'tags only',
  'by-hand': 'without skopeo',
  skopeo: 'by skopeo',
} as const

/** Enough of a digest for people. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
