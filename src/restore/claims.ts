import type { Digest } from '../inventory/types.ts'
import type { Loaded } from './types.ts'

/** `repository:tag` to the digest that gets it. */
export type Claims = ReadonlyMap<string, Digest>

/**
 * Who gets a tag that several of them had, one after the other: whoever had it last.
 *
 * @param loaded what is to come back, in the order of the bin
 */
export function claimsOf(loaded: readonly Loaded[]): Claims {
  const claims = new Map<string, Digest>()
  for (const { item, pieces } of loaded.toSorted((a, b) => a.item.at - b.item.at)) {
    for (const { digest, tags } of pieces) {
      for (const tag of tags) claims.set(`${item.repository}:${tag}`, digest)
    }
  }
  return claims
}
