// Reading a manifest as the registry behind Harbor does: what it refers to, or why it is refused.
import { HarborError } from './error.ts'
import type { Platform } from './model.ts'
import { isRecord } from './json.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
  readonly urls?: readonly string[]
}

export interface Manifest {
  readonly mediaType: string
  readonly artifactType?: string
  readonly config?: Descriptor
  readonly layers: readonly Descriptor[]
  /** An index's children. */
  readonly manifests: readonly Descriptor[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly subject?: Descriptor
  readonly isIndex: boolean
}

const IMAGE_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])
const INDEX_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])

export function isManifestType(mediaType: string): boolean {
  return IMAGE_TYPES.has(mediaType) || INDEX_TYPES.has(mediaType)
}

export function parseManifest(bytes: Buffer, mediaType: string): Manifest {
  const isIndex = INDEX_TYPES.has(mediaType)
  if (!isManifestType(mediaType)) {
    throw invalid(`unsupported manifest media type and no default available: ${mediaType}`)
  }
  const parsed = parseObject(bytes)
  const declared = parsed['mediaType']
  if (declared !== undefined && declared !== mediaType) {
    throw invalid(`manifest media type in the content is ${JSON.stringify(declared)}, not '${mediaType}'`)
  }
  const manifest = { layers: [], manifests: [], ...parsed, mediaType, isIndex } as Manifest
  if (!isIndex && manifest.config === undefined) throw invalid('no config')
  return manifest
}

/** Everything that must be in the repository before the manifest is accepted. */
export function referencesOf(manifest: Manifest): readonly Descriptor[] {
  if (manifest.isIndex) return manifest.manifests
  return manifest.config === undefined ? manifest.layers : [manifest.config, ...manifest.layers]
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'))
    if (isRecord(parsed)) return parsed
  } catch {
    // falls through to the refusal
  }
  throw invalid('manifest is not a JSON object')
}

function invalid(reason: string): HarborError {
  return new HarborError('MANIFEST_INVALID', `unmarshal manifest failed: ${reason}`)
}
