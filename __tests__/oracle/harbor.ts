// What a Harbor does with the deletes of a plan, as measured: enough of one to see what a plan costs.
import type { Artifact, Digest, Inventory, Repository } from '../../src/inventory/types.ts'
import type { Action } from '../../src/plan/types.ts'
import { parentsOf, subjectArtifact, subjectOf } from './units.ts'

/** Everything that can be lost, by names of its own. */
export type Belongings = ReadonlySet<string>

interface Shelf {
  /** The tags of each artifact that is still there. */
  readonly tags: Map<Digest, Set<string>>
  readonly repository: Repository
}

/** Carries out actions one after the other. */
export class Harbor {
  readonly #shelves: ReadonlyMap<string, Shelf>
  /** What was refused with 412. */
  readonly refused: Action[] = []

  constructor({ repositories }: Inventory) {
    this.#shelves = new Map(
      repositories.map((repository) => [
        repository.name,
        {
          repository,
          tags: new Map(
            repository.artifacts.map(({ digest, tags }) => [digest, new Set(tags.map(({ name }) => name))]),
          ),
        },
      ]),
    )
  }

  carryOut(action: Action): void {
    const shelf = this.#shelves.get(action.repository)
    if (shelf === undefined || action.kind === 'copy') return
    const done =
      action.kind === 'delete-tag'
        ? deleteTag(shelf, action.digest, action.tag)
        : deleteArtifact(shelf, action.digest)
    if (!done) this.refused.push(action)
  }

  /** Every artifact, tag and accessory that is there. */
  belongings(): Belongings {
    return new Set(
      [...this.#shelves.values()].flatMap(({ repository, tags }) =>
        repository.artifacts
          .filter(({ digest }) => tags.has(digest))
          .flatMap((artifact) => [
            ...own(repository, artifact),
            ...[...(tags.get(artifact.digest) ?? [])].map((tag) => tagName(repository, artifact.digest, tag)),
          ]),
      ),
    )
  }
}

/** What a unit needs to be whole: its tag, its artifact, that one's children, and all that hangs on any of them. */
export function wholeOf(repository: Repository, artifact: Artifact, tag: string | null): string[] {
  const parts = [artifact]
  for (const part of parts) {
    const further = repository.artifacts.filter(({ digest }) => part.children.includes(digest))
    parts.push(...further.filter((child) => !parts.includes(child)))
  }
  const attached = repository.artifacts.flatMap(({ digest, tags }) =>
    tags
      .filter(({ name }) => {
        const subject = subjectOf(name)
        const about = subject === undefined ? undefined : subjectArtifact(repository, subject)
        return about !== undefined && parts.includes(about)
      })
      .map(({ name }) => tagName(repository, digest, name)),
  )
  return [
    ...parts.flatMap((part) => own(repository, part)),
    ...attached,
    ...(tag === null ? [] : [tagName(repository, artifact.digest, tag)]),
  ]
}

function own(repository: Repository, { digest, accessories }: Artifact): string[] {
  return [
    artifactName(repository, digest),
    ...(accessories ?? []).flatMap((accessory) => [
      `${repository.name}@${digest} has ${accessory.digest}`,
      ...(accessory.tags ?? []).map(({ name }) => tagName(repository, accessory.digest, name)),
    ]),
  ]
}

function artifactName({ name }: Repository, digest: Digest): string {
  return `${name}@${digest}`
}

function tagName({ name }: Repository, digest: Digest, tag: string): string {
  return `${name}@${digest}:${tag}`
}

/** "Only the tag row. 412 if immutable." */
function deleteTag({ repository, tags }: Shelf, digest: Digest, tag: string): boolean {
  if (isImmutable(repository, digest, tag)) return false
  tags.get(digest)?.delete(tag)
  return true
}

/** "412 if the root is referenced by an index … any immutable tag on the root (or on an accessory) aborts." */
function deleteArtifact(shelf: Shelf, digest: Digest): boolean {
  const { repository, tags } = shelf
  if (!tags.has(digest) || isReferenced(shelf, digest)) return false
  if ([...(tags.get(digest) ?? [])].some((tag) => isImmutable(repository, digest, tag))) return false
  const artifact = repository.artifacts.find((other) => other.digest === digest)
  const accessoryTags = (artifact?.accessories ?? []).flatMap((accessory) => accessory.tags ?? [])
  if (accessoryTags.some(({ immutable }) => immutable === true)) return false
  tags.delete(digest)
  // "Children of an index: kept if they have a tag OR are still referenced by another index; otherwise deleted." An
  // accessory can be an index, too.
  const held = (artifact?.accessories ?? []).flatMap(({ children }) => children ?? [])
  for (const child of [...(artifact?.children ?? []), ...held]) {
    if (tags.get(child)?.size === 0 && !isReferenced(shelf, child)) deleteArtifact(shelf, child)
  }
  return true
}

function isReferenced({ repository, tags }: Shelf, digest: Digest): boolean {
  const holders = repository.artifacts.filter(({ accessories }) =>
    (accessories ?? []).some(({ children }) => children?.includes(digest) === true),
  )
  return [...parentsOf(repository, digest), ...holders].some((holder) => tags.has(holder.digest))
}

function isImmutable({ artifacts }: Repository, digest: Digest, tag: string): boolean {
  return artifacts.some(
    (artifact) =>
      artifact.digest === digest &&
      artifact.tags.some(({ name, immutable }) => name === tag && immutable === true),
  )
}
