import type { Artifact, Digest, Repository, Tag } from '../../src/inventory/types.ts'
import type { DecidedUnit } from './decide.ts'
import { parentsOf, subjectArtifact, subjectOf } from './units.ts'

/**
 * "If every tag of a digest is to go, and no kept index holds it, the artifact goes (`delete-artifact`: its
 * accessories, and children no other index or tag holds, go with it)."
 *
 * What leaves is found from below: nothing does, until something makes it.
 *
 * @returns the digests of a repository that leave it
 */
export function leavingArtifacts(repository: Repository, units: readonly DecidedUnit[]): Set<Digest> {
  const staying = new Set<Digest>()
  for (;;) {
    const leaving = leavingBut(staying, repository, units)
    const held = repository.artifacts.filter(
      (artifact) => leaving.has(artifact.digest) && !accessoriesMayGo(artifact),
    )
    if (held.length === 0) return leaving
    for (const artifact of held) hold(artifact, repository, leaving, staying)
  }
}

/** Keeps an artifact, and every leaving index that would take it along once its tags are gone. */
function hold(
  artifact: Artifact,
  repository: Repository,
  leaving: ReadonlySet<Digest>,
  staying: Set<Digest>,
): void {
  staying.add(artifact.digest)
  for (const parent of parentsOf(repository, artifact.digest)) {
    if (leaving.has(parent.digest)) hold(parent, repository, leaving, staying)
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
  const subject = subjectOfTag(repository, tag)
  return subject !== undefined && leaving.has(subject.digest) && tag.immutable === false
}

export function subjectOfTag(repository: Repository, tag: Tag): Artifact | undefined {
  const subject = subjectOf(tag.name)
  return subject === undefined ? undefined : subjectArtifact(repository, subject)
}

export function goes({ decision }: DecidedUnit): boolean {
  return decision === 'archive' || decision === 'delete'
}

/**
 * Accessories go with their subject. That has to be known to be all right: they were read, with their tags, and none
 * has a tag of its own ("an index's children and accessories *without a tag of their own*").
 */
function accessoriesMayGo({ accessories }: Artifact): boolean {
  return (
    accessories !== null &&
    accessories.every(
      ({ tags }) =>
        tags !== null && tags.every((tag) => subjectOf(tag.name) !== undefined && tag.immutable === false),
    )
  )
}
