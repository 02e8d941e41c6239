import type { Digest } from '../inventory/types.ts'
import { itemOf, type OutcomeRecord } from './records.ts'

/** Something that was deleted, as far as copies of it are looked for. */
export interface Copied {
  readonly harbor: string
  readonly repository: string
  readonly digest: Digest
  /** Digests of its manifests. */
  readonly manifests: readonly Digest[]
}

/** Where applies have copied images to: repositories at mirrors, with host and path, in which they were verified. */
export class Copies {
  readonly #targets = new Map<string, Set<string>>()

  /** Takes in what became of an action: it may be a copy that was made, with accessories that go by themselves. */
  add(
    harbor: string,
    {
      item,
      outcome,
      target,
      accessories = [],
    }: Pick<OutcomeRecord, 'item' | 'outcome' | 'target' | 'accessories'>,
  ): void {
    if (outcome !== 'done' || target === undefined) return
    for (const each of [item, ...accessories.map((digest) => ofDigest(item, digest))]) {
      const key = `${harbor} ${each}`
      const targets = this.#targets.get(key) ?? new Set()
      this.#targets.set(key, targets.add(target))
    }
  }

  /** Takes into account that what belongs to a copied image was copied with it. */
  addParts(image: Copied): void {
    const targets = this.#targets.get(keyOf(image, image.digest))
    for (const target of targets ?? []) {
      for (const part of image.manifests) {
        const { harbor, repository } = image
        const item = itemOf({ kind: 'copy', repository, digest: part })
        this.add(harbor, { item, outcome: 'done', target })
      }
    }
  }

  /** Repositories at mirrors that it was copied to, whole. */
  ofWhole(image: Copied): readonly string[] {
    return [...(this.#targets.get(keyOf(image, image.digest)) ?? [])]
  }

  /** Repositories at mirrors that may have it, or parts of it. */
  of(image: Copied): readonly string[] {
    const all = [image.digest, ...image.manifests].flatMap((digest) => [
      ...(this.#targets.get(keyOf(image, digest)) ?? []),
    ])
    return [...new Set(all)]
  }
}

function keyOf({ harbor, repository }: Copied, digest: Digest): string {
  return `${harbor} ${itemOf({ kind: 'copy', repository, digest })}`
}

/** The name that a copy of another digest of the same repository would have. */
function ofDigest(item: string, digest: Digest): string {
  return `${item.slice(0, item.lastIndexOf('@'))}@${digest}`
}
