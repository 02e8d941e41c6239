import { cosignSubject } from '../inventory/cosign.ts'
import type { Artifact, Digest } from '../inventory/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import { compareText } from '../shared/order.ts'
import type { FamilyTree } from './family-tree.ts'
import type { Fates } from './fate.ts'
import { reasonOf } from './reason.ts'
import type { DeleteArtifact, DeleteTag } from './types.ts'
import type { Unit } from './unit.ts'
import { entryOf } from './verdict.ts'

export type Removal = DeleteArtifact | DeleteTag

/**
 * What a repository's verdicts come to. An artifact that goes is one removal, whatever tags it has; of an artifact
 * that stays, each tag that goes is one. What cosign tags attach to a subject that goes follows it.
 *
 * @param copies names, by digest, the copy that a removal has to wait for
 * @returns removals in an order in which Harbor takes them: tags, indexes before their children, then what follows
 */
export function removalsOf(
  tree: FamilyTree,
  fates: Fates,
  copies: ReadonlyMap<Digest, string>,
  now: Instant,
): readonly Removal[] {
  const causes = new Causes(tree, fates, copies, now)
  const tags: DeleteTag[] = []
  const artifacts: DeleteArtifact[] = []
  for (const [digest, units] of fates.touched) {
    const artifact = units[0]?.artifact
    if (artifact !== undefined && fates.goes(digest)) {
      artifacts.push(deleteArtifact(tree, artifact, fates, causes.ofArtifact(digest)))
    } else {
      for (const unit of units) {
        if (unit.tag !== null) tags.push(deleteTag(tree, digest, unit.tag.name, causes.ofUnit(unit)))
      }
    }
  }
  const followers = new Map<Digest, DeleteArtifact>()
  const followingTags: DeleteTag[] = []
  for (const [subject, attached] of tree.attached) {
    if (!fates.goes(subject)) continue
    for (const { artifact, tag } of attached) {
      const cause = causes.ofFollower(subject)
      if (!fates.goes(artifact.digest)) {
        if (tag.immutable === false) followingTags.push(deleteTag(tree, artifact.digest, tag.name, cause))
      } else if (!fates.touched.has(artifact.digest)) {
        followers.set(artifact.digest, deleteArtifact(tree, artifact, fates, cause))
      }
    }
  }
  const depth = depths(tree)
  return [
    ...tags.toSorted((a, b) => compareText(a.tag, b.tag)),
    ...artifacts.toSorted((a, b) => depth(a.digest) - depth(b.digest) || compareText(a.digest, b.digest)),
    ...followingTags.toSorted((a, b) => compareText(a.tag, b.tag)),
    ...[...followers.values()].toSorted((a, b) => compareText(a.digest, b.digest)),
  ]
}

/** Why something goes, and the copy that its removal waits for. */
interface Cause {
  readonly rule: string
  readonly reason: string
  readonly after?: string
  readonly follows?: Digest
}

class Causes {
  readonly #tree: FamilyTree
  readonly #fates: Fates
  readonly #copies: ReadonlyMap<Digest, string>
  readonly #now: Instant

  constructor(tree: FamilyTree, fates: Fates, copies: ReadonlyMap<Digest, string>, now: Instant) {
    this.#tree = tree
    this.#fates = fates
    this.#copies = copies
    this.#now = now
  }

  ofUnit(unit: Unit): Cause {
    const after = this.#copies.get(unit.artifact.digest)
    return {
      rule: entryOf(unit.verdict)?.name ?? '',
      reason: reasonOf(unit, this.#now),
      ...(after === undefined ? {} : { after }),
    }
  }

  /** Of an artifact with units, the rule that comes first in the file; of one without, that of what it belongs to. */
  ofArtifact(digest: Digest): Cause {
    const [first] = this.#fates.touched.get(digest)?.toSorted(byLine) ?? []
    if (first !== undefined) return this.ofUnit(first)
    const owner = this.#tree.parents.get(digest)?.[0]?.digest ?? this.#subjectOf(digest)
    return owner === undefined ? { rule: '', reason: '' } : this.ofArtifact(owner)
  }

  ofFollower(subject: Digest): Cause {
    return { ...this.ofArtifact(subject), reason: `belongs to ${subject}, which goes`, follows: subject }
  }

  #subjectOf(digest: Digest): Digest | undefined {
    const tags = this.#tree.relatives.get(digest)?.tags ?? []
    return tags.map(({ name }) => cosignSubject(name)).find((subject) => subject !== undefined)
  }
}

function byLine(a: Unit, b: Unit): number {
  return (entryOf(a.verdict)?.line ?? 0) - (entryOf(b.verdict)?.line ?? 0) || compareText(a.name, b.name)
}

function deleteArtifact(tree: FamilyTree, artifact: Artifact, fates: Fates, cause: Cause): DeleteArtifact {
  const children = fates.childrenOf(artifact)
  const going = [artifact, ...children.map((digest) => tree.relatives.get(digest))]
  const accessories = going.flatMap((each) => each?.accessories ?? []).map(({ digest }) => digest)
  const pushed = artifact.tags.reduce((latest, tag) => Math.max(latest, tag.pushed), artifact.pushed)
  return {
    kind: 'delete-artifact',
    repository: tree.name,
    digest: artifact.digest,
    tags: artifact.tags.map(({ name }) => name).toSorted(compareText),
    children,
    accessories: [...new Set(accessories)].toSorted(compareText),
    size: artifact.size,
    pushed: formatInstant(pushed),
    pulled: artifact.pulled === null ? null : formatInstant(artifact.pulled),
    ...cause,
  }
}

function deleteTag(tree: FamilyTree, digest: Digest, tag: string, cause: Cause): DeleteTag {
  return { kind: 'delete-tag', repository: tree.name, digest, tag, ...cause }
}

/** How many indexes hold an artifact one inside the other: an index is less deep than its children. */
function depths({ parents }: FamilyTree): (digest: Digest) => number {
  const depth = (digest: Digest): number =>
    Math.max(-1, ...(parents.get(digest) ?? []).map((index) => depth(index.digest))) + 1
  return depth
}
