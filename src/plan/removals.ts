import type { Artifact, Digest } from '../inventory/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import { compareText } from '../shared/order.ts'
import { Causes, type Cause } from './causes.ts'
import type { AttachedTag, FamilyTree } from './family-tree.ts'
import type { Fates } from './fate.ts'
import { HOLDS } from './reason.ts'
import type { DeleteArtifact, DeleteTag } from './types.ts'
import type { Unit } from './unit.ts'

export type Removal = DeleteArtifact | DeleteTag

/**
 * What a repository's verdicts come to. An artifact that goes is one removal, whatever tags it has; of an artifact
 * that stays, each tag that goes is one. What cosign attached to subjects that go follows them.
 *
 * @param copies names, by digest, the copy that a removal has to wait for
 * @returns removals in an order in which Harbor takes them: tags, then indexes before their children, and what follows
 *   subjects after them
 */
export function removalsOf(
  tree: FamilyTree,
  fates: Fates,
  copies: ReadonlyMap<Digest, string>,
  now: Instant,
): readonly Removal[] {
  const causes = new Causes(tree, fates, copies, now)
  const attached = attachedThatGo(tree, fates)
  const artifacts: DeleteArtifact[] = []
  const tags: DeleteTag[] = []
  const followingTags: DeleteTag[] = []
  for (const digest of new Set([...fates.touched.keys(), ...attached.keys()])) {
    const units = fates.touched.get(digest) ?? []
    const following = attached.get(digest) ?? []
    const artifact = units[0]?.artifact ?? following[0]?.artifact
    if (artifact !== undefined && fates.goes(digest)) {
      const subjects = following.map(({ subject }) => subject)
      artifacts.push(
        deleteArtifact(tree, artifact, fates, followersCause(causes.ofArtifact(digest), subjects)),
      )
      continue
    }
    const stays = staysWords(units, fates)
    tags.push(...units.flatMap((unit) => deleteTagOf(tree, unit, causes, stays)))
    for (const { tag, subject } of following) {
      followingTags.push(
        deleteTag(tree, digest, tag.name, followersCause(causes.ofFollower(subject), [subject])),
      )
    }
  }
  return [...tags.toSorted(byTag), ...inOrder(artifacts, tree), ...followingTags.toSorted(byTag)]
}

/** Cosign's tags whose subject goes, by the artifact that they stand on. Harbor lets no immutable tag go. */
function attachedThatGo(tree: FamilyTree, fates: Fates): ReadonlyMap<Digest, readonly AttachedTag[]> {
  const going = new Map<Digest, AttachedTag[]>()
  for (const [subject, tags] of tree.attached) {
    if (!fates.goes(subject)) continue
    for (const attached of tags.filter(({ tag }) => tag.immutable === false)) {
      const { digest } = attached.artifact
      going.set(digest, [...(going.get(digest) ?? []), attached])
    }
  }
  return going
}

type FollowersCause = Cause & { readonly follows?: readonly Digest[] }

function followersCause(cause: Cause, subjects: readonly Digest[]): FollowersCause {
  return subjects.length === 0 ? cause : { ...cause, follows: [...new Set(subjects)].toSorted(compareText) }
}

/** An index is deleted before its children, since Harbor refuses a child that an index holds; a follower after its subjects. */
function inOrder(removals: readonly DeleteArtifact[], { parents }: FamilyTree): readonly DeleteArtifact[] {
  const byItsDigest = new Map(removals.map((removal) => [removal.digest, removal]))
  const placed = new Set<Digest>()
  const ordered: DeleteArtifact[] = []
  const place = (digest: Digest): void => {
    if (placed.has(digest)) return
    placed.add(digest)
    const removal = byItsDigest.get(digest)
    for (const index of parents.get(digest) ?? []) place(index.digest)
    for (const subject of removal?.follows ?? []) place(subject)
    if (removal !== undefined) ordered.push(removal)
  }
  for (const { digest } of removals.toSorted(byDigest)) place(digest)
  return ordered
}

function byDigest(a: DeleteArtifact, b: DeleteArtifact): number {
  return compareText(a.digest, b.digest)
}

function byTag(a: DeleteTag, b: DeleteTag): number {
  return compareText(a.tag, b.tag)
}

function deleteArtifact(
  tree: FamilyTree,
  artifact: Artifact,
  fates: Fates,
  cause: FollowersCause,
): DeleteArtifact {
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

function deleteTag(tree: FamilyTree, digest: Digest, tag: string, cause: FollowersCause): DeleteTag {
  return { kind: 'delete-tag', repository: tree.name, digest, tag, ...cause }
}

function deleteTagOf(tree: FamilyTree, unit: Unit, causes: Causes, stays: string): readonly DeleteTag[] {
  if (unit.tag === null) return []
  const { reason, ...cause } = causes.ofUnit(unit)
  return [
    deleteTag(tree, unit.artifact.digest, unit.tag.name, {
      ...cause,
      reason: stays === '' ? reason : `${reason}; ${stays}`,
    }),
  ]
}

/** Why an artifact stays when each of its tags goes; empty where another tag stays, too. */
function staysWords(units: readonly Unit[], fates: Fates): string {
  const [{ artifact } = {}] = units
  if (artifact === undefined || units.length < artifact.tags.length) return ''
  const hold = fates.holdOn(artifact)
  return hold === undefined ? '' : `its artifact stays: ${HOLDS[hold]}`
}
