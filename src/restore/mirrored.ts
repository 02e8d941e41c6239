// What a restore takes from a mirror: blobs that Harbor has swept, and manifests that neither Harbor nor the bin has.
import type { Manifest } from '../harbor/harbor.ts'
import type { Blob } from '../harbor/manifest.ts'
import type { Digest } from '../inventory/types.ts'
import { hasBytes, toPut } from './decide.ts'
import { pieceFrom } from './load.ts'
import type { Loaded, Piece, Standing } from './types.ts'

/** The mirror that was given. Every method throws HarborError. */
export interface Archive {
  /** As it is in names of images: `mirror.example`. */
  readonly host: string
  /** Whether a repository, by its name with the host, is at this one. */
  readonly serves: (target: string) => boolean
  readonly hasBlob: (target: string, blob: Blob) => Promise<boolean>
  readonly manifest: (target: string, digest: Digest) => Promise<Manifest | undefined>
  /** Copies a blob into a repository of Harbor's. */
  readonly bring: (target: string, blob: Blob, repository: string) => Promise<void>
}

/** Where an item may be at mirrors, and the one that can be asked. */
export interface Mirrored {
  readonly archive: Archive | undefined
  /** Repositories that it was copied to, with their hosts. */
  readonly targets: readonly string[]
}

/**
 * The manifests that have to be put and that nobody here has, of a mirror: of an artifact of which only a tag was
 * deleted, of a child that went some other way, of what is damaged in the bin.
 *
 * @param isThere whether Harbor has it, or will have it again
 */
export async function withMirrored(
  loaded: Loaded,
  isThere: (digest: Digest) => boolean,
  { archive, targets }: Mirrored,
): Promise<Loaded> {
  const served = targets.filter((target) => archive?.serves(target) === true)
  if (archive === undefined || served.length === 0 || loaded.unreadable !== undefined) return loaded
  const pieces = new Map(loaded.pieces.map((piece) => [piece.digest, piece]))
  const tried = new Set<Digest>()
  for (;;) {
    const digest = [...wantedBy(pieces, isThere)].find((each) => !tried.has(each))
    if (digest === undefined) return tried.size === 0 ? loaded : { ...loaded, pieces: [...pieces.values()] }
    tried.add(digest)
    for (const target of served) {
      const manifest = await archive.manifest(target, digest)
      if (manifest === undefined) continue
      pieces.set(digest, pieceFrom(digest, manifest, pieces.get(digest)))
      break
    }
  }
}

function* wantedBy(
  pieces: ReadonlyMap<Digest, Piece>,
  isThere: (digest: Digest) => boolean,
): Generator<Digest> {
  for (const piece of pieces.values()) {
    const { digest, fault, children } = piece
    if (isThere(digest)) continue
    if (!hasBytes(piece) || fault === 'damaged') yield digest
    for (const child of children) if (!pieces.has(child) && !isThere(child)) yield child
  }
}

/** Where the blobs are that Harbor doesn't have any more. */
export async function blobsAt(
  { pieces }: Loaded,
  { gone, present }: Pick<Standing, 'gone' | 'present'>,
  { archive, targets }: Mirrored,
): Promise<ReadonlyMap<Digest, string>> {
  const found = new Map<Digest, string>()
  const served = targets.filter((target) => archive?.serves(target) === true)
  if (archive === undefined || served.length === 0 || gone.size === 0) return found
  const blobs = toPut(pieces, present).flatMap((piece) => piece.blobs)
  for (const blob of new Map(blobs.map((each) => [each.digest, each])).values()) {
    if (!gone.has(blob.digest)) continue
    for (const target of served) {
      if (!(await archive.hasBlob(target, blob))) continue
      found.set(blob.digest, target)
      break
    }
  }
  return found
}

/** What to say of mirrors where something is gone for good; empty where it was copied to none. */
export function hintOf({ archive, targets }: Mirrored): string {
  if (targets.length === 0) return ''
  const names = targets.join(', ')
  if (archive === undefined) {
    return `; it was copied to ${names}: give \`mirror-registry\` to take it back from there`
  }
  const served = targets.filter((target) => archive.serves(target))
  return served.length === 0
    ? `; it was copied to ${names}, and \`mirror-registry\` is at ${archive.host}: give that one`
    : `; nor is that at ${served.join(', ')} any more, where it was copied to`
}
