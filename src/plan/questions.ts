import type { Artifact, Digest, Repository } from '../inventory/types.ts'
import type { Action } from './types.ts'

/**
 * The artifacts of a repository that are read again before a plan touches them, with the children that go along and, of
 * what is copied, what cosign attached to it: something can hang on that, too.
 */
export function questionsOf({ artifacts }: Repository, actions: readonly Action[]): ReadonlySet<Digest> {
  const touched = new Set(actions.map(({ digest }) => digest))
  const along = new Set(actions.flatMap((action) => (action.kind === 'copy' ? action.accessories : [])))
  if (along.size > 0) for (const { digest } of artifacts) if (along.has(digest)) touched.add(digest)
  const indexes = new Map<Digest, Artifact>()
  for (const artifact of artifacts) if (artifact.children.length > 0) indexes.set(artifact.digest, artifact)
  // A set goes on to what is added while it is gone through: children of children too.
  for (const digest of touched) for (const child of indexes.get(digest)?.children ?? []) touched.add(child)
  return touched
}
