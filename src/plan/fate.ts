import { cosignSubject } from '../inventory/cosign.ts'
import type { Accessory, Artifact, Digest } from '../inventory/types.ts'
import type { AttachedTag, FamilyTree } from './family-tree.ts'
import type { Unit } from './unit.ts'
import { goes, type Hold } from './verdict.ts'

const NONE: readonly never[] = []

/**
 * From units to artifacts. An artifact goes when every unit of it goes, every index that holds it goes, and every
 * cosign tag on it goes with its subject. What has no unit of its own goes with what it belongs to. Anything that
 * isn't known to go stays.
 */
export class Fates {
  readonly #tree: FamilyTree
  readonly #draft: boolean
  readonly #units: ReadonlyMap<Digest, readonly Unit[]>
  readonly #known = new Map<Digest, boolean>()

  /** @param draft whether it is still to be found out what has to be known: then what isn't known holds nothing */
  constructor(tree: FamilyTree, draft: boolean) {
    this.#tree = tree
    this.#draft = draft
    this.#units = unitsThatGo(tree.units)
  }

  /** Artifacts with a unit that goes, each with all its units that go. */
  get touched(): ReadonlyMap<Digest, readonly Unit[]> {
    return this.#units
  }

  /** Keeps the untagged artifacts that were to go but are held: there is no tag that could go instead. */
  holdUntagged(): void {
    for (const [digest, units] of this.#units) {
      for (const unit of units) {
        if (unit.tag === null && !this.goes(digest)) unit.hold(this.holdOn(unit.artifact) ?? 'held')
      }
    }
  }

  /** What holds an artifact even if all its tags go. */
  holdOn(artifact: Artifact): Hold | undefined {
    return this.#tree.parts.has(artifact.digest) ? 'held-part' : this.#holdBelow(artifact)
  }

  /** Whether an artifact goes, by its digest. */
  goes(digest: Digest): boolean {
    const known = this.#known.get(digest)
    if (known !== undefined) return known
    // Cosign tags can name each other in a ring; whoever is asked for again while being asked for stays.
    this.#known.set(digest, false)
    const answer = this.#decide(digest)
    this.#known.set(digest, answer)
    return answer
  }

  /** The children of an index that go with it, theirs included: those without a tag of their own that nothing else holds. */
  childrenOf(index: Artifact): readonly Digest[] {
    if (index.children.length === 0) return NONE
    const going = new Set<Digest>()
    const visit = ({ children }: Artifact): void => {
      for (const digest of children) {
        const child = this.#tree.relatives.get(digest)
        if (going.has(digest) || this.#tree.absent.has(digest)) continue
        if ((child?.tags.length ?? 0) > 0 || !this.goes(digest)) continue
        going.add(digest)
        if (child !== undefined) visit(child)
      }
    }
    visit(index)
    return [...going].toSorted()
  }

  #decide(digest: Digest): boolean {
    const parents = this.#tree.parents.get(digest) ?? []
    if (!parents.every((index) => this.goes(index.digest))) return false
    const units = this.#units.get(digest) ?? []
    const artifact = units[0]?.artifact ?? this.#tree.relatives.get(digest)
    if (artifact === undefined) return parents.length > 0 || this.#ownerGoes(digest)
    if (this.holdOn(artifact) !== undefined) return false
    const attached = this.#attachedTo(artifact)
    if (!attached.every(({ tag, subject }) => tag.immutable === false && this.goes(subject))) return false
    if (units.length + attached.length < artifact.tags.length) return false
    return units.length + attached.length + parents.length > 0
  }

  /** An accessory shares its owner's fate, and so does what cosign attached to the accessory. */
  #ownerGoes(digest: Digest): boolean {
    const owner = this.#tree.owners.get(digest)
    return owner !== undefined && this.goes(owner)
  }

  /**
   * Whether deleting an artifact might take something along that has a tag of its own or is decided by itself: an
   * accessory of it or of a child, or what an accessory holds. A child with a tag that stays would be safe, but then to
   * protect its tag would let its index go.
   */
  #holdBelow(artifact: Artifact): Hold | undefined {
    const whole = new Set([artifact])
    // A set goes on to what is added while it is gone through: children of children too, each once.
    for (const { accessories, children } of whole) {
      if (accessories === null && !this.#draft) return 'held'
      for (const accessory of accessories ?? []) {
        const hold = this.#holdBy(accessory)
        if (hold !== undefined) return hold
      }
      for (const digest of children) {
        const child = this.#tree.relatives.get(digest)
        if (child !== undefined) whole.add(child)
        // A child that is in no list is an accessory of something, unless Harbor says that it isn't there at all.
        else if (!this.#draft && !this.#tree.absent.has(digest)) return 'held'
      }
    }
    return undefined
  }

  /**
   * Harbor deletes accessories with their subject, whatever tags they have, and of an index its untagged children, which
   * its lists have as artifacts like any other, with all that hangs on them. Cosign's tags are no names of their own.
   */
  #holdBy({ tags, children }: Accessory): Hold | undefined {
    if (tags === null || children === null) return this.#draft ? undefined : 'held'
    if (children.length > 0) return 'held-index'
    const isNamed = tags.some(
      ({ name, immutable }) => cosignSubject(name) === undefined || immutable !== false,
    )
    return isNamed ? 'held' : undefined
  }

  /** The cosign tags on an artifact that are no units of their own. */
  #attachedTo(artifact: Artifact): readonly AttachedTag[] {
    return artifact.tags.flatMap(({ name }) => {
      const tags = this.#tree.attached.get(cosignSubject(name) ?? '') ?? []
      return tags.filter((attached) => attached.artifact === artifact && attached.tag.name === name)
    })
  }
}

function unitsThatGo(units: readonly Unit[]): ReadonlyMap<Digest, readonly Unit[]> {
  const going = new Map<Digest, Unit[]>()
  for (const unit of units) {
    if (!goes(unit.verdict)) continue
    const others = going.get(unit.artifact.digest)
    if (others === undefined) going.set(unit.artifact.digest, [unit])
    else others.push(unit)
  }
  return going
}
