import type { Artifact, Digest, Repository, Tag } from '../../src/inventory/types.ts'
import type { DecidedUnit } from './decide.ts'
import { isInAccessory, parentsOf, subjectArtifact, subjectOf } from './units.ts'

/**
 * "If every tag of a digest is to go, and no kept index holds it, the artifact goes (`delete-artifact`: its
 * accessories, and children no other index or tag holds, go with it)."
 *
 * What leaves is found from below: nothing does, until something makes it.
 *
 * @returns the digests of a repository that leave it
 */
export function leavingArtifacts(repository: Repository, units: readonly DecidedUnit[]): Set<Digest> {
  const staying = new Set(
    repository.artifacts
      .filter((artifact) => !accessoriesMayGo(artifact) || !childrenAreKnown(artifact, repository))
      .map(({ digest }) => digest),
  )
  for (;;) {
    const leaving = leavingBut(staying, repository, units)
    // What has to stay might be taken along by an index that leaves: so the index stays too.
    const holders = [...staying].flatMap((digest) => parentsOf(repository, digest))
    if (holders.every(({ digest }) => staying.has(digest))) return leaving
    for (const { digest } of holders) staying.add(digest)
  }
}

function leavingBut(
  staying: ReadonlySet<Digest>,
  repository: Repository,
  units: readonly DecidedUnit[],
): Set<Digest> {
  const leaving = new Set<Digest>()
  for (;;) {
    const next = repository.artifacts
      .filter(({ digest }) => !leaving.has(digest) && !staying.has(digest))
      .filter((artifact) => mayLeave(artifact, repository, units, leaving))
    if (next.length === 0) return leaving
    for (const { digest } of next) leaving.add(digest)
  }
}

function mayLeave(
  artifact: Artifact,
  repository: Repository,
  units: readonly DecidedUnit[],
  leaving: ReadonlySet<Digest>,
): boolean {
  const parents = parentsOf(repository, artifact.digest)
  if (parents.some((parent) => !leaving.has(parent.digest))) return false
  if (isInAccessory(repository, artifact.digest)) return false
  if (artifact.tags.length > 0) {
    return artifact.tags.every((tag) => tagGoes(artifact, tag, { repository, units, leaving }))
  }
  // An untagged child goes with the last that holds it; any other untagged artifact is a unit.
  return parents.length > 0 || units.some((unit) => unit.artifact.digest === artifact.digest && goes(unit))
}

export interface Circle {
  readonly repository: Repository
  readonly units: readonly DecidedUnit[]
  readonly leaving: ReadonlySet<Digest>
}

/** Whether a tag is to go: by its own decision or, of cosign's, with its subject. */
export function tagGoes(artifact: Artifact, tag: Tag, { repository, units, leaving }: Circle): boolean {
  const unit = units.find(
    (other) => other.artifact.digest === artifact.digest && other.tag?.name === tag.name,
  )
  if (unit !== undefined) return goes(unit)
  // "They share their subject's fate", but an immutable tag stays whatever happens.
  const subject = subjectOf(tag.name)
  return subject !== undefined && tag.immutable === false && subjectGoes(subject, repository, leaving)
}

/** A subject goes as the artifact that it is or belongs to; one that only indexes know of, with the last of them. */
function subjectGoes(subject: Digest, repository: Repository, leaving: ReadonlySet<Digest>): boolean {
  const artifact = subjectArtifact(repository, subject)
  if (artifact !== undefined) return leaving.has(artifact.digest)
  const parents = parentsOf(repository, subject)
  return parents.length > 0 && parents.every(({ digest }) => leaving.has(digest))
}

/** What a cosign tag is about: an artifact, or the indexes that alone know of its subject. */
export function subjectsOfTag(repository: Repository, tag: Tag): Artifact[] {
  const subject = subjectOf(tag.name)
  if (subject === undefined) return []
  const artifact = subjectArtifact(repository, subject)
  if (artifact !== undefined) return [artifact]
  return repository.absent.has(subject) ? [] : parentsOf(repository, subject)
}

export function goes({ decision }: DecidedUnit): boolean {
  return decision === 'archive' || decision === 'delete'
}

/**
 * Accessories go with their subject. That has to be known to be all right: they were read, with their tags and children,
 * none has a tag of its own ("an index's children and accessories *without a tag of their own*"), and none is an index,
 * whose children are decided by themselves.
 */
function accessoriesMayGo({ accessories }: Artifact): boolean {
  return (
    accessories !== null &&
    accessories.every(
      ({ tags, children }) =>
        tags !== null &&
        children?.length === 0 &&
        tags.every((tag) => subjectOf(tag.name) !== undefined && tag.immutable === false),
    )
  )
}

/** "What isn't known decides for keeping": a child that no list has, and that Harbor hasn't said to be gone. */
function childrenAreKnown({ children }: Artifact, { artifacts, absent }: Repository): boolean {
  return children.every((child) => absent.has(child) || artifacts.some(({ digest }) => digest === child))
}
