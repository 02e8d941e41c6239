import * as v from 'valibot'
import { CHECKABLE, isDigest } from './digest.ts'

const descriptor = v.object({
  digest: v.pipe(v.string(), v.check(isDigest)),
  size: v.pipe(v.number(), v.integer(), v.minValue(0)),
  mediaType: v.nullish(v.string(), ''),
  urls: v.nullish(v.array(v.string()), []),
})

/** What an index holds is gone after: by a name that isn't a digest it might hold itself. */
const child = v.object({ ...descriptor.entries, digest: v.pipe(v.string(), v.regex(CHECKABLE)) })

const manifest = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    config: v.optional(descriptor),
    layers: v.optional(v.array(descriptor), []),
    blobs: v.nullish(v.array(descriptor), []),
    manifests: v.optional(v.array(child), []),
    // Docker's first format has layers without sizes.
    fsLayers: v.optional(v.undefined()),
  }),
)

/** Docker's type for layers whose content is somewhere else. */
const FOREIGN = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'

export interface Blob {
  readonly digest: string
  readonly size: number
}

/**
 * The blobs that a manifest references: config and layers. An index references none; its children are manifests.
 * Without the layers that it says to be at some URL, whatever their type: registries take a manifest without these
 * (distribution 2.8, registry/storage/ocimanifesthandler.go; Harbor v2.15.1).
 *
 * @returns undefined for a manifest of another form
 */
export function blobsOf(content: string): readonly Blob[] | undefined {
  return descriptorsIn(content)?.flatMap((each) => (isElsewhere(each) ? [] : [blobOf(each)]))
}

/** Layers that a manifest says to be at some URL, and that a registry may have or not. */
export function blobsElsewhere(content: string): readonly Blob[] {
  return descriptorsIn(content)?.flatMap((each) => (isElsewhere(each) ? [blobOf(each)] : [])) ?? []
}

type Descriptor = v.InferOutput<typeof descriptor>

function descriptorsIn(content: string): readonly Descriptor[] | undefined {
  const parsed = v.safeParse(manifest, content)
  if (!parsed.success) return undefined
  const { config, layers, blobs } = parsed.output
  return [...(config === undefined ? [] : [config]), ...layers, ...blobs]
}

function isElsewhere({ mediaType, urls }: Descriptor): boolean {
  return mediaType === FOREIGN || (urls ?? []).length > 0
}

function blobOf({ digest, size }: Descriptor): Blob {
  return { digest, size }
}
