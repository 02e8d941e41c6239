import { cosignSubject } from '../inventory/cosign.ts'
import type { Digest } from '../inventory/types.ts'
import type { Instant } from '../shared/instant.ts'
import { compareText } from '../shared/order.ts'
import type { FamilyTree } from './family-tree.ts'
import type { Fates } from './fate.ts'
import { reasonOf } from './reason.ts'
import type { Unit } from './unit.ts'
import { entryOf } from './verdict.ts'

/** Why something goes, and the copy that its removal waits for. */
export interface Cause {
  readonly rule: string
  readonly reason: string
  readonly after?: string
}

/** Finds why things go. */
export class Causes {
  readonly #tree: FamilyTree
  readonly #fates: Fates
  readonly #copies: ReadonlyMap<Digest, string>
  readonly #now: Instant

  /** @param copies names, by digest, the copy that a removal has to wait for */
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

  /** Of an artifact with units, by the rule that comes first in the file; of one without, by what it belongs to. */
  ofArtifact(digest: Digest): Cause {
    const [first] = this.#fates.touched.get(digest)?.toSorted(byLine) ?? []
    if (first !== undefined) return this.ofUnit(first)
    const owner = this.#ownerOf(digest)
    return owner === undefined ? { rule: '', reason: '' } : this.ofFollower(owner)
  }

  /** Of what goes because something else goes that it belongs to. */
  ofFollower(owner: Digest): Cause {
    return { ...this.ofArtifact(owner), reason: `belongs to ${owner}, which goes` }
  }

  #ownerOf(digest: Digest): Digest | undefined {
    const [parent] = this.#tree.parents.get(digest) ?? []
    const tags = this.#tree.relatives.get(digest)?.tags ?? []
    const subject = tags.map(({ name }) => cosignSubject(name)).find((each) => each !== undefined)
    return subject ?? parent?.digest ?? this.#tree.owners.get(digest)
  }
}

function byLine(a: Unit, b: Unit): number {
  return (entryOf(a.verdict)?.line ?? 0) - (entryOf(b.verdict)?.line ?? 0) || compareText(a.name, b.name)
}
