// What Harbor reads out of a manifest and its config when an artifact is pushed: type, attributes, size.
import { text } from './blobs.ts'
import type { Blob } from './model.ts'
import type { Manifest } from './manifest.ts'
import { isRecord, parseJson } from './json.ts'

export interface Description {
  readonly mediaType: string
  readonly artifactType: string
  readonly type: string
  readonly extraAttributes: Readonly<Record<string, unknown>> | null
  readonly annotations: Readonly<Record<string, string>> | null
}

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
])
const HELM_CONFIG = 'application/vnd.cncf.helm.config.v1+json'
const OTHER_CONFIG = /^application\/vnd\.[^.]*\.(.*)\.config\.[^.]*\+json$/
const AUTHOR_LABELS = ['org.opencontainers.image.authors', 'maintainer']

export function describe(manifest: Manifest, config: Blob | undefined): Description {
  const annotations = manifest.annotations ?? null
  if (manifest.isIndex) {
    return {
      mediaType: manifest.mediaType,
      artifactType: manifest.artifactType ?? '',
      type: 'IMAGE',
      extraAttributes: null,
      annotations,
    }
  }
  const mediaType = manifest.config?.mediaType ?? ''
  const type = typeOf(mediaType)
  return {
    mediaType,
    artifactType: manifest.artifactType ?? mediaType,
    type,
    extraAttributes: extraAttributes(mediaType, type, config),
    annotations,
  }
}

function typeOf(mediaType: string): string {
  if (IMAGE_CONFIGS.has(mediaType)) return 'IMAGE'
  if (mediaType === HELM_CONFIG) return 'CHART'
  return OTHER_CONFIG.exec(mediaType)?.[1]?.toUpperCase() ?? 'UNKNOWN'
}

/** An image's five attributes, another known config's whole content (recordings 030, 033), else nothing. */
function extraAttributes(
  mediaType: string,
  type: string,
  config: Blob | undefined,
): Readonly<Record<string, unknown>> | null {
  if (type === 'UNKNOWN' || config === undefined) return null
  const known = described.get(config)
  if (known?.mediaType === mediaType) return known.attributes
  const content = config.size === 0 ? {} : parseJson<Record<string, unknown>>(text(config))
  const attributes = IMAGE_CONFIGS.has(mediaType) ? imageAttributes(content) : content
  described.set(config, { mediaType, attributes })
  return attributes
}

/** Images that share a config share what was read out of it. */
const described = new WeakMap<Blob, { mediaType: string; attributes: Readonly<Record<string, unknown>> }>()

export function imageAttributes(content: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const config = isRecord(content['config']) ? content['config'] : {}
  const labels = isRecord(config['Labels']) ? config['Labels'] : {}
  const author = AUTHOR_LABELS.map((label) => labels[label]).find(
    (name) => typeof name === 'string' && name !== '',
  )
  return {
    architecture: content['architecture'] ?? '',
    author: content['author'] ?? author ?? '',
    config: Object.fromEntries(Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    created: content['created'] ?? null,
    os: content['os'] ?? '',
  }
}
