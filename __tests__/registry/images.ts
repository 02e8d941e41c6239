// Manifests and blobs to push.
import { createHash } from 'node:crypto'
import type { Manifest } from '../../src/harbor/harbor.ts'
import type { Descriptor } from '../../src/registry/referrers.ts'
import type { Registry } from '../../src/registry/registry.ts'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const INDEX = 'application/vnd.oci.image.index.v1+json'
export const SIGNATURE = 'application/vnd.example.signature'

export interface Made extends Manifest {
  readonly digest: string
  readonly blobs: readonly Buffer[]
  readonly descriptor: Descriptor
}

export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** An image whose layer says what it is told to. */
export function image(content: string): Made {
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', content }))
  return made([config, Buffer.from(content)], MANIFEST, {
    mediaType: MANIFEST,
    config: descriptorOf('application/vnd.oci.image.config.v1+json', config),
    layers: [descriptorOf('application/vnd.oci.image.layer.v1.tar', Buffer.from(content))],
  })
}

/** Something that refers to a manifest. */
export function referrer(subject: Made, content: string): Made {
  const config = Buffer.from('{}')
  const annotations = { 'org.example.content': content }
  const { mediaType, digest, size } = subject.descriptor
  return made(
    [config, Buffer.from(content)],
    MANIFEST,
    {
      mediaType: MANIFEST,
      artifactType: SIGNATURE,
      config: descriptorOf('application/vnd.oci.empty.v1+json', config),
      layers: [descriptorOf('application/octet-stream', Buffer.from(content))],
      subject: { mediaType, digest, size },
      annotations,
    },
    { artifactType: SIGNATURE, annotations },
  )
}

export function index(...children: readonly Made[]): Made {
  return made([], INDEX, { mediaType: INDEX, manifests: children.map(({ descriptor }) => descriptor) })
}

function made(
  blobs: readonly Buffer[],
  mediaType: string,
  content: object,
  more: Partial<Descriptor> = {},
): Made {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...content }))
  const digest = digestOf(bytes)
  return { bytes, mediaType, digest, blobs, descriptor: { mediaType, digest, size: bytes.length, ...more } }
}

function descriptorOf(mediaType: string, bytes: Buffer): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

/** Pushes blobs and manifest, by tags or else by digest. */
export async function push(
  registry: Registry,
  repository: string,
  what: Made,
  ...tags: readonly string[]
): Promise<void> {
  for (const blob of what.blobs) await registry.uploadBlob(repository, digestOf(blob), blob)
  for (const reference of tags.length === 0 ? [what.digest] : tags) {
    await registry.putManifest(repository, reference, what.digest, what)
  }
}
