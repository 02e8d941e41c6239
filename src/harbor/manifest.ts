import * as v from 'valibot'

const descriptor = v.object({
  digest: v.string(),
  size: v.pipe(v.number(), v.integer(), v.minValue(0)),
  mediaType: v.nullish(v.string(), ''),
})

const manifest = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    config: v.optional(descriptor),
    layers: v.optional(v.array(descriptor), []),
    blobs: v.nullish(v.array(descriptor), []),
    manifests: v.optional(v.array(descriptor), []),
    // Docker's first format has layers without sizes.
    fsLayers: v.optional(v.undefined()),
  }),
)

/** Layers that no registry keeps: their content is somewhere else. */
const FOREIGN = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'

export interface Blob {
  readonly digest: string
  readonly size: number
}

/**
 * The blobs that a manifest references: config and layers. An index references none; its children are manifests.
 *
 * @returns undefined for a manifest of another form
 */
export function blobsOf(content: string): readonly Blob[] | undefined {
  const parsed = v.safeParse(manifest, content)
  if (!parsed.success) return undefined
  const { config, layers, blobs } = parsed.output
  return [...(config === undefined ? [] : [config]), ...layers, ...blobs]
    .filter(({ mediaType }) => mediaType !== FOREIGN)
    .map(({ digest, size }) => ({ digest, size }))
}
