import * as v from 'valibot'
import { savedManifests, type BinItem } from '../bin/bin.ts'
import type { SavedManifest } from '../bin/records.ts'
import { CHECKABLE, fits } from '../harbor/digest.ts'
import type { Manifest } from '../harbor/harbor.ts'
import { blobsOf } from '../harbor/manifest.ts'
import { cosignSubject, isCosignSignature } from '../inventory/cosign.ts'
import type { Digest } from '../inventory/types.ts'
import { binUnreadable } from './notes.ts'
import type { Loaded, Piece } from './types.ts'

/** Which items have which manifests saved: `repository@digest`. */
export type Library = ReadonlyMap<string, BinItem>

export function libraryOf(items: readonly BinItem[]): Library {
  return new Map(
    items.flatMap((item) => item.manifests.map((digest) => [`${item.repository}@${digest}`, item] as const)),
  )
}

/**
 * An item with its manifests, and with children of its indexes that were saved with other items only: a child that has
 * a tag, or another index, survives its index and goes by itself.
 */
export async function load(item: BinItem, library: Library): Promise<Loaded> {
  if (item.manifests.length === 0) return { item, pieces: [tagOnly(item)], unreadable: undefined }
  try {
    const saved = await savedManifests(item)
    const own = new Set(saved.map(({ digest }) => digest))
    const pieces = saved.map((manifest) => pieceOf(manifest, item, own))
    for (const { children } of pieces) {
      for (const child of children) {
        const other = own.has(child) ? undefined : library.get(`${item.repository}@${child}`)
        if (other === undefined) continue
        own.add(child)
        pieces.push(...(await childOf(other, child)))
      }
    }
    return { item, pieces, unreadable: undefined }
  } catch (error) {
    return { item, pieces: [], unreadable: binUnreadable(item.place.file, error) }
  }
}

/**
 * The bytes of the pieces of an item.
 *
 * @throws Error when they can't be read any more, or have changed
 */
export async function contentOf(pieces: readonly Piece[]): Promise<ReadonlyMap<Digest, Manifest>> {
  const content = new Map<Digest, Manifest>()
  const wanted = new Set(pieces.map(({ digest }) => digest))
  for (const piece of pieces) if (piece.content !== undefined) content.set(piece.digest, piece.content)
  for (const item of new Set(pieces.map(({ from }) => from))) {
    for (const { digest, mediaType, content: base64 } of item === undefined
      ? []
      : await savedManifests(item)) {
      const bytes = Buffer.from(base64, 'base64')
      if (wanted.has(digest) && fits(bytes, digest)) content.set(digest, { bytes, mediaType })
    }
  }
  return content
}

/** A manifest that another item saved, as a child and nothing else. */
async function childOf(item: BinItem, digest: Digest): Promise<readonly Piece[]> {
  const saved = (await savedManifests(item)).filter((manifest) => manifest.digest === digest)
  return saved.map((manifest) => ({
    ...pieceOf({ ...manifest, tags: [], labels: [] }, item, new Set()),
    accessory: false,
    subject: undefined,
  }))
}

/**
 * A manifest that comes from a mirror.
 *
 * @param known what is known of it otherwise
 */
export function pieceFrom(digest: Digest, manifest: Manifest, known: Piece | undefined): Piece {
  const piece = known ?? bare(digest, [])
  const { subject = piece.subject, ...parts } = partsOf(manifest.bytes, digest)
  return {
    ...piece,
    ...parts,
    subject: piece.accessory ? subject : undefined,
    from: undefined,
    content: manifest,
  }
}

function tagOnly({ digest, tags }: BinItem): Piece {
  return bare(digest, tags)
}

function bare(digest: Digest, tags: readonly string[]): Piece {
  return {
    digest,
    from: undefined,
    tags,
    labels: [],
    children: [],
    blobs: [],
    accessory: false,
    subject: undefined,
    signatureTag: undefined,
    fault: undefined,
  }
}

const referring = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    manifests: v.nullish(v.array(v.object({ digest: v.pipe(v.string(), v.regex(CHECKABLE)) })), []),
    subject: v.nullish(v.object({ digest: v.string() })),
  }),
)

function pieceOf(
  { digest, role, content, tags, labels }: SavedManifest,
  from: BinItem,
  own: ReadonlySet<Digest>,
): Piece {
  const signatures = tags.filter((tag) => isCosignSignature(tag))
  const isOwn = (tag: string): boolean => own.has(cosignSubject(tag) ?? '')
  const signatureTag = signatures.find((tag) => isOwn(tag)) ?? signatures[0]
  const accessory = role === 'accessory'
  const { subject = cosignSubject(signatureTag ?? ''), ...parts } = partsOf(
    Buffer.from(content, 'base64'),
    digest,
  )
  return {
    digest,
    from,
    tags,
    labels,
    ...parts,
    accessory,
    subject: accessory ? subject : undefined,
    signatureTag,
  }
}

/** What a manifest says of itself, if these bytes are those of its digest. */
function partsOf(
  bytes: Buffer,
  digest: Digest,
): Pick<Piece, 'children' | 'blobs' | 'fault'> & { readonly subject: Digest | undefined } {
  if (!fits(bytes, digest)) return { children: [], blobs: [], fault: 'damaged', subject: undefined }
  const text = bytes.toString('utf8')
  const refers = v.safeParse(referring, text)
  const blobs = blobsOf(text)
  return {
    children: refers.success ? [...new Set(refers.output.manifests.map((child) => child.digest))] : [],
    blobs: [...new Map((blobs ?? []).map((blob) => [blob.digest, blob])).values()],
    fault: refers.success && blobs !== undefined ? undefined : 'unknown-form',
    subject: refers.success ? refers.output.subject?.digest : undefined,
  }
}
