import type { Digest, Repository } from '../inventory/types.ts'
import type { Copy } from './types.ts'

/** Bytes, with what is shared with others counted each time. */
export interface CopySize {
  readonly image: number
  readonly accessories: number
}

/** Tells what a copy of a repository's image sends at most: the sizes that Harbor lists, added up. */
export function copySizes({ artifacts }: Repository): (copy: Copy) => CopySize {
  let sizes: Map<Digest, number> | undefined
  const sizeOf = (digest: Digest): number => (sizes ??= sizesOf(artifacts)).get(digest) ?? 0
  return ({ digest, accessories }) => ({
    image: sizeOf(digest),
    accessories: accessories.reduce((sum, accessory) => sum + sizeOf(accessory), 0),
  })
}

function sizesOf(artifacts: Repository['artifacts']): Map<Digest, number> {
  const sizes = new Map<Digest, number>()
  for (const { digest, size, accessories } of artifacts) {
    sizes.set(digest, size)
    for (const accessory of accessories ?? []) sizes.set(accessory.digest, accessory.size)
  }
  return sizes
}
