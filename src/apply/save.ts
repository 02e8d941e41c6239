import type { Saved, SavedManifest } from '../bin/records.ts'
import type { Harbor, Manifest } from '../harbor/harbor.ts'
import { blobsOf } from '../harbor/manifest.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import type { Digest } from '../inventory/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import { compareText } from '../shared/order.ts'
import type { Looked, Observed } from './observe.ts'

/** Which action it is saved for, and when. */
export interface Saving {
  readonly item: string
  readonly repository: string
  readonly at: Instant
}

/** Manifests by their digests, and the blobs that they need to come back. */
export interface Salvage {
  readonly manifests: ReadonlyMap<Digest, Manifest>
  readonly blobs: readonly Digest[]
}

/**
 * Reads all manifests that go with an artifact, to be put back later.
 *
 * @throws HarborError when one can't be read, or isn't what its digest says: then nothing may be deleted
 */
export async function salvage(
  harbor: Harbor,
  repository: string,
  { digest, children, accessories }: Looked,
): Promise<Salvage> {
  const manifests = new Map<Digest, Manifest>()
  const blobs = new Set<Digest>()
  for (const each of [digest, ...children, ...accessories]) {
    const manifest = await harbor.manifest(repository, each)
    manifests.set(each, manifest)
    for (const blob of blobsOf(manifest.bytes.toString('utf8')) ?? []) blobs.add(blob.digest)
  }
  return { manifests, blobs: [...blobs] }
}

/** What is written down of an artifact before it goes: its manifests, in the order in which they go back. */
export function savedRecord(
  { artifact, children, accessories }: Observed,
  { manifests }: Salvage,
  { item, repository, at }: Saving,
): Saved {
  const saved = (answer: ArtifactAnswer, role: SavedManifest['role']): readonly SavedManifest[] => {
    const { digest, tags, labels } = answer
    const manifest = manifests.get(digest)
    if (manifest === undefined) return []
    return [
      {
        digest,
        role,
        mediaType: manifest.mediaType,
        content: manifest.bytes.toString('base64'),
        tags: tags.map(({ name }) => name).toSorted(compareText),
        labels: (labels ?? []).map(({ name, id = null }) => ({ name, id })),
      },
    ]
  }
  return {
    record: 'saved',
    at: formatInstant(at),
    item,
    repository,
    digest: artifact.digest,
    tags: artifact.tags.map(({ name }) => name).toSorted(compareText),
    manifests: [
      ...childrenFirst(children).flatMap((child) => saved(child, 'child')),
      ...saved(artifact, 'artifact'),
      ...accessories.flatMap((accessory) => saved(accessory, 'accessory')),
    ],
  }
}

/** An index goes back after its children, one in another too. */
function childrenFirst(children: readonly ArtifactAnswer[]): readonly ArtifactAnswer[] {
  const byDigest = new Map(children.map((child) => [child.digest, child]))
  const ordered = new Set<ArtifactAnswer>()
  const visit = (child: ArtifactAnswer): void => {
    if (ordered.has(child)) return
    for (const { child_digest: digest } of child.references) {
      const below = byDigest.get(digest)
      if (below !== undefined) visit(below)
    }
    ordered.add(child)
  }
  for (const child of children) visit(child)
  return [...ordered]
}
