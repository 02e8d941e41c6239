import type { Digest, ManifestContent, Repository } from '../inventory/types.ts'
import type { Action } from './types.ts'

/** Every manifest that goes by some actions, by repository. */
export function goingDigests(actions: readonly Action[]): ReadonlyMap<string, ReadonlySet<Digest>> {
  const going = new Map<string, Set<Digest>>()
  for (const action of actions) {
    if (action.kind !== 'delete-artifact') continue
    const digests = going.get(action.repository) ?? new Set()
    for (const digest of [action.digest, ...action.children, ...action.accessories]) digests.add(digest)
    going.set(action.repository, digests)
  }
  return going
}

/** Every manifest that stays, in any repository. */
export function stayingDigests(
  repositories: readonly Repository[],
  going: ReadonlyMap<string, ReadonlySet<Digest>>,
): ReadonlySet<Digest> {
  const staying = new Set<Digest>()
  for (const { name, artifacts } of repositories) {
    const goes = going.get(name)
    for (const { digest, accessories } of artifacts) {
      for (const each of [digest, ...(accessories ?? []).map((accessory) => accessory.digest)]) {
        if (goes?.has(each) !== true) staying.add(each)
      }
    }
  }
  return staying
}

/**
 * The bytes that nothing references once manifests have gone: those of blobs and manifests that only they had. This
 * is what Harbor's garbage collection frees, to the byte (measured on v2.15.1).
 *
 * @param content what each manifest takes up
 * @returns null when the content of some manifest isn't known
 */
export function reclaimableBytes(
  going: Iterable<Digest>,
  staying: ReadonlySet<Digest>,
  content: (digest: Digest) => ManifestContent | undefined,
): number | null {
  const held = new Set<Digest>()
  for (const digest of staying) {
    const manifest = content(digest)
    if (manifest === undefined) return null
    held.add(digest)
    for (const blob of manifest.blobs) held.add(blob.digest)
  }
  let bytes = 0
  for (const digest of going) {
    const manifest = content(digest)
    if (manifest === undefined) return null
    for (const { digest: blob, size } of [{ digest, size: manifest.size }, ...manifest.blobs]) {
      if (held.has(blob)) continue
      held.add(blob)
      bytes += size
    }
  }
  return bytes
}

/**
 * What the bytes can't be more than, from the sizes in the listing: layers that are shared with what stays are still
 * in it. A manifest that also stays in another repository frees nothing.
 */
export function bytesAtMost(
  repositories: readonly Repository[],
  going: ReadonlyMap<string, ReadonlySet<Digest>>,
): number {
  const staying = stayingDigests(repositories, going)
  const counted = new Set<Digest>()
  let bytes = 0
  for (const { name, artifacts } of repositories) {
    const goes = going.get(name)
    if (goes === undefined) continue
    const sizes = new Map(artifacts.map(({ digest, size }) => [digest, size]))
    const count = (digest: Digest, size: number): void => {
      if (!goes.has(digest) || staying.has(digest) || counted.has(digest)) return
      counted.add(digest)
      bytes += size
    }
    for (const { digest, size, children, accessories } of artifacts) {
      // An index's size is that of its children and its own; the children are counted for themselves.
      const ofChildren = children.reduce((sum, child) => sum + (sizes.get(child) ?? 0), 0)
      count(digest, Math.max(0, size - ofChildren))
      for (const accessory of accessories ?? []) count(accessory.digest, accessory.size)
    }
  }
  return bytes
}
