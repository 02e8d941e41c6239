import { cosignSubject } from '../inventory/cosign.ts'
import type { Artifact, Digest, Repository, Tag } from '../inventory/types.ts'
import { Unit } from './unit.ts'

/** A repository's units, and what belongs to what. */
export interface FamilyTree {
  readonly name: string
  /** In the order of the artifacts: the units of one artifact follow each other. */
  readonly units: readonly Unit[]
  /** The indexes that hold a child. */
  readonly parents: ReadonlyMap<Digest, readonly Artifact[]>
  /** Tags in cosign's scheme by the subject whose fate they share. */
  readonly attached: ReadonlyMap<Digest, readonly AttachedTag[]>
  /** The listed artifacts among children, subjects, and those with attached tags. */
  readonly relatives: ReadonlyMap<Digest, Artifact>
  /** Digests that cosign's tags or indexes name, and that aren't there. */
  readonly absent: ReadonlySet<Digest>
  /** The artifact that an accessory hangs on, as far as accessories were read; only where cosign tags ask for it. */
  readonly owners: ReadonlyMap<Digest, Digest>
  /** Children of accessories that are indexes, as far as those were read: Harbor deletes none while its index is there. */
  readonly parts: ReadonlySet<Digest>
}

/** A tag in cosign's scheme whose subject may still exist: never a unit of its own. */
export interface AttachedTag {
  readonly artifact: Artifact
  readonly tag: Tag
  readonly subject: Digest
}

/**
 * Finds a repository's units: its tags, and its artifacts without a tag. A child of an index without a tag of its
 * own belongs to the index. A cosign tag belongs to its subject; it becomes a unit, an orphan, only once Harbor says
 * that the subject doesn't exist.
 */
export function familyTree(repository: Repository): FamilyTree {
  const parents = new Map<Digest, Artifact[]>()
  for (const index of repository.artifacts) for (const child of index.children) append(parents, child, index)
  const attached = new Map<Digest, AttachedTag[]>()
  const relatives = new Map<Digest, Artifact>()
  const units: Unit[] = []
  for (const artifact of repository.artifacts) {
    const belongs = artifact.tags.length > 0 || parents.has(artifact.digest)
    if (!belongs) units.push(new Unit(artifact, null, 'untagged'))
    for (const tag of artifact.tags) {
      const subject = cosignSubject(tag.name)
      if (subject === undefined) units.push(new Unit(artifact, tag, 'tags'))
      else if (repository.absent.has(subject)) units.push(new Unit(artifact, tag, 'orphans'))
      else {
        append(attached, subject, { artifact, tag, subject })
        relatives.set(artifact.digest, artifact)
      }
    }
  }
  if (parents.size > 0 || attached.size > 0) {
    for (const artifact of repository.artifacts) {
      if (parents.has(artifact.digest) || attached.has(artifact.digest)) {
        relatives.set(artifact.digest, artifact)
      }
    }
  }
  const owners = attached.size === 0 ? new Map<Digest, Digest>() : ownersOf(repository.artifacts)
  const { name, absent } = repository
  return { name, units, parents, attached, relatives, absent, owners, parts: partsOf(repository.artifacts) }
}

function partsOf(artifacts: readonly Artifact[]): ReadonlySet<Digest> {
  const parts = new Set<Digest>()
  for (const { accessories } of artifacts) {
    for (const accessory of accessories ?? []) for (const child of accessory.children ?? []) parts.add(child)
  }
  return parts
}

function ownersOf(artifacts: readonly Artifact[]): ReadonlyMap<Digest, Digest> {
  const owners = new Map<Digest, Digest>()
  for (const { digest, accessories } of artifacts) {
    for (const accessory of accessories ?? []) owners.set(accessory.digest, digest)
  }
  return owners
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
