import type { Plan } from '../plan/types.ts'
import { formatBytes } from '../shared/bytes.ts'

/** `1 tag`, `3 tags`, `12,500 tags`; nouns that don't take an s have their plural given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`
}

/** What the plan comes to, in a sentence or two. */
export function verdict({ actions, totals }: Plan): string {
  const { deleteArtifacts, deleteTags, copies, units } = totals
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
  const parts = [
    deletes.length > 0 ? `delete ${deletes.join(' and ')}` : '',
    copies > 0 ? `copy ${counted(copies, 'image')} to the mirror` : '',
  ].filter((part) => part !== '')
  return `Would ${parts.join('; ')}.`
}

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
  return `Read ${places}: ${countedUnits(kept)} kept, ${isProtected.toLocaleString('en-US')} protected.`
}

function countedUnits(units: number): string {
  return counted(units, 'tag or untagged artifact', 'tags and untagged artifacts')
}

/** Enough of a digest for people. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
