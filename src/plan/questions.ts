import type { Artifact, Digest, Repository } from '../inventory/types.ts'
import type { Action } from './types.ts'

/**
 * The artifacts of a repository whose accessories a plan has to know: what is deleted or copied, with the children
 * that go along.
 */
export function accessoriesInQuestion(
  { artifacts }: Repository,
  actions: readonly Action[],
): ReadonlySet<Digest> {
  const touched = new Set(actions.flatMap((action) => (action.kind === 'delete-tag' ? [] : [action.digest])))
  const indexes = new Map<Digest, Artifact>()
  for (const artifact of artifacts) if (artifact.children.length > 0) indexes.set(artifact.digest, artifact)
  // A set goes on to what is added while it is gone through: children of children too.
  for (const digest of touched) for (const child of indexes.get(digest)?.children ?? []) touched.add(child)
  return touched
}
