import type { Artifact, Digest, Repository } from '../inventory/types.ts'
import type { Action } from './types.ts'

/**
 * The artifacts of a repository that are read again before a plan touches them, with the children that go along and, of
 * what is copied, what cosign attached to it: something can hang on that, too. What is only copied, and has nothing that
 * hangs on it by the first reading, was read enough: nothing is lost by a copy.
 */
export function questionsOf({ artifacts }: Repository, actions: readonly Action[]): ReadonlySet<Digest> {
  const copies = actions.filter((action) => action.kind === 'copy')
  const isBare = bareIn(copies.length === 0 ? [] : artifacts)
  const removed = actions.filter(({ kind }) => kind !== 'copy')
  const asked = copies.filter(({ digest, accessories }) => accessories.length > 0 || !isBare(digest))
  const touched = new Set([...removed, ...asked].map(({ digest }) => digest))
  const along = new Set(asked.flatMap(({ accessories }) => accessories))
  if (along.size > 0) for (const { digest } of artifacts) if (along.has(digest)) touched.add(digest)
  const indexes = new Map<Digest, Artifact>()
  for (const artifact of artifacts) if (artifact.children.length > 0) indexes.set(artifact.digest, artifact)
  // A set goes on to what is added while it is gone through: children of children too.
  for (const digest of touched) for (const child of indexes.get(digest)?.children ?? []) touched.add(child)
  return touched
}

/** Tells of artifacts whether it is known that nothing hangs on them, nor on their children. */
function bareIn(artifacts: readonly Artifact[]): (digest: Digest) => boolean {
  const known = new Map(artifacts.map((artifact) => [artifact.digest, artifact]))
  const bare = new Map<Digest, boolean>()
  const isBare = (digest: Digest): boolean => {
    const found = bare.get(digest)
    if (found !== undefined) return found
    // Nobody keeps a Harbor from telling of an index that is its own child.
    bare.set(digest, false)
    const artifact = known.get(digest)
    const is = artifact?.accessories?.length === 0 && artifact.children.every((child) => isBare(child))
    bare.set(digest, is)
    return is
  }
  return isBare
}
