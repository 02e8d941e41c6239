import type { Artifact, Digest, Question, Repository } from '../inventory/types.ts'
import type { Action } from './types.ts'

/**
 * The artifacts of a repository that are read again before a plan touches them, with the children that go along and, of
 * what is copied, what cosign attached to it: something can hang on that, too. What is only copied isn't read a second
 * time, since nothing is lost by a copy.
 */
export function questionsOf(
  { artifacts }: Repository,
  actions: readonly Action[],
): ReadonlyMap<Digest, Question> {
  if (actions.length === 0) return NONE
  const known = new Map(artifacts.map((artifact) => [artifact.digest, artifact]))
  const going = withChildren(
    actions.flatMap((action) => (action.kind === 'copy' ? [] : [action.digest])),
    known,
  )
  const along = actions.flatMap((action) =>
    action.kind === 'copy'
      ? [action.digest, ...action.accessories.filter((digest) => known.has(digest))]
      : [],
  )
  const questions = new Map<Digest, Question>()
  for (const digest of withChildren(along, known)) {
    const accessories = known.get(digest)?.accessories ?? null
    if (accessories === null) questions.set(digest, 'again')
    else if (accessories.length > 0) questions.set(digest, 'hanging')
  }
  for (const digest of going) questions.set(digest, 'again')
  return questions
}

const NONE: ReadonlyMap<Digest, Question> = new Map()

/** With the children of children too. */
function withChildren(digests: readonly Digest[], known: ReadonlyMap<Digest, Artifact>): ReadonlySet<Digest> {
  const all = new Set(digests)
  // A set goes on to what is added while it is gone through.
  for (const digest of all) for (const child of known.get(digest)?.children ?? []) all.add(child)
  return all
}
