import * as v from 'valibot'
import { savedManifests, type BinItem } from '../bin/bin.ts'
import type { SavedManifest } from '../bin/records.ts'
import { blobsOf } from '../harbor/manifest.ts'
import type { Digest } from '../inventory/types.ts'

/** The blobs that items need to come back, each with the repositories that may have it and the items that need it. */
export interface NeededBlobs {
  readonly blobs: ReadonlyMap<Digest, NeededBlob>
  /** Items whose saved manifests don't say what they need: these can't come back. */
  readonly unreadable: readonly BinItem[]
}

export interface NeededBlob {
  readonly repositories: ReadonlySet<string>
  readonly items: readonly BinItem[]
}

/**
 * Reads what items need.
 *
 * @throws Error when their journal can't be read
 */
export async function neededBlobs(items: readonly BinItem[]): Promise<NeededBlobs> {
  const blobs = new Map<Digest, { repositories: Set<string>; items: BinItem[] }>()
  const unreadable: BinItem[] = []
  for (const item of items) {
    const digests = (await savedManifests(item)).map((manifest) => digestsIn(manifest))
    if (digests.includes(undefined)) unreadable.push(item)
    for (const digest of new Set(digests.flatMap((each) => each ?? []))) {
      const needed = blobs.get(digest) ?? { repositories: new Set(), items: [] }
      needed.repositories.add(item.repository)
      needed.items.push(item)
      blobs.set(digest, needed)
    }
  }
  return { blobs, unreadable }
}

/** Docker's first format (schema 1), in which registries once kept images. */
const firstFormat = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ fsLayers: v.array(v.object({ blobSum: v.string() })) }),
)

function digestsIn({ content }: SavedManifest): readonly Digest[] | undefined {
  const text = Buffer.from(content, 'base64').toString('utf8')
  const blobs = blobsOf(text)
  if (blobs !== undefined) return blobs.map(({ digest }) => digest)
  const parsed = v.safeParse(firstFormat, text)
  return parsed.success ? parsed.output.fsLayers.map(({ blobSum }) => blobSum) : undefined
}
