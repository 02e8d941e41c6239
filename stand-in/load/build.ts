// Filling a registry in few lines: images, indexes, signatures, referrers, charts, as the tools that push them
// make them. Times may be given as text or in milliseconds; what isn't given is now.
import { type BlobSource, blobSource, putBlob, text } from '../state/blobs.ts'
import { type Content, Generated, digestOf } from '../state/content.ts'
import { parseJson } from '../state/json.ts'
import type { Artifact, Platform } from '../state/model.ts'
import { pushManifest } from '../state/push.ts'
import { type Registry, touched } from '../state/registry.ts'

export type Time = number | string

export interface Layer {
  readonly name: string
  readonly size: number
}

export interface PushedOptions {
  readonly tags?: readonly string[]
  readonly pushed?: Time
  /** Of the artifact and of all its tags. */
  readonly pulled?: Time
  /** Names of global labels, which are made if they aren't there. */
  readonly labels?: readonly string[]
}

export interface ImageOptions extends PushedOptions {
  /** `linux/arm/v7`; linux/amd64 unless given. */
  readonly platform?: string
  /** By name, of 1,000 bytes unless a size is given; the same name and size is the same layer everywhere. */
  readonly layers?: readonly (string | Layer)[]
  readonly created?: Time
  readonly imageLabels?: Readonly<Record<string, string>>
  /** In Docker's own formats rather than OCI's. */
  readonly docker?: boolean
}

export interface IndexOptions extends PushedOptions {
  readonly images: readonly Artifact[]
  /** With a provenance attestation for each image, as buildx pushes them. */
  readonly attestations?: boolean
  /** What it is a referrer of. */
  readonly subject?: Artifact
}

export interface ChartOptions extends PushedOptions {
  readonly name: string
  readonly version: string
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: Platform
  readonly annotations?: Readonly<Record<string, string>>
}

const OCI = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
}
const DOCKER = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
}
const LAYER_SIZE = 1000

export class Builder {
  private readonly registry: Registry
  private readonly layers = new Map<string, BlobSource>()

  constructor(registry: Registry) {
    this.registry = registry
  }

  image(repository: string, options: ImageOptions = {}): Artifact {
    const types = options.docker === true ? DOCKER : OCI
    const layers = (options.layers ?? [`${repository} ${(options.tags ?? []).join(' ')}`]).map((layer) =>
      this.layer(layer),
    )
    const config = blobSource(Buffer.from(JSON.stringify(imageConfig(options, layers))))
    return this.push(repository, options, {
      mediaType: types.manifest,
      config: this.upload(repository, config, types.config, options),
      layers: layers.map((layer) => this.upload(repository, layer, types.layer, options)),
    })
  }

  index(repository: string, { images, attestations = false, subject, ...options }: IndexOptions): Artifact {
    const manifests: Descriptor[] = []
    for (const image of images) {
      manifests.push({ ...descriptorOf(image), platform: this.platform(image) })
      if (attestations) manifests.push(this.attestation(image, options))
    }
    return this.push(repository, options, {
      mediaType: OCI.index,
      manifests,
      ...(subject && { subject: descriptorOf(subject) }),
    })
  }

  /** As the image's config says; an index in an index has none. */
  private platform({ manifest }: Artifact): Platform {
    const { config } = parseJson<{ config?: Descriptor }>(text(manifest))
    const blob = this.registry.blobs.get(config?.digest ?? '')
    const { architecture, os, variant } = parseJson<Platform>(blob === undefined ? '{}' : text(blob))
    return { architecture, os, ...(variant !== undefined && { variant }) }
  }

  private attestation(image: Artifact, { pushed }: PushedOptions): Descriptor {
    const repository = image.repository.name
    const statement = blobSource(Buffer.from(JSON.stringify({ subject: image.digest })))
    const config = blobSource(Buffer.from('{"architecture":"unknown","os":"unknown"}'))
    const options = pushed === undefined ? {} : { pushed }
    const attestation = this.push(repository, options, {
      mediaType: OCI.manifest,
      config: this.upload(repository, config, OCI.config, options),
      layers: [this.upload(repository, statement, 'application/vnd.in-toto+json', options)],
    })
    return {
      ...descriptorOf(attestation),
      annotations: {
        'vnd.docker.reference.digest': image.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { architecture: 'unknown', os: 'unknown' },
    }
  }

  /** As cosign does: a tag that names what it signs. Also `att` or `sbom`, and of something that isn't there. */
  sign(repository: string, subject: string, kind: 'sig' | 'att' | 'sbom' = 'sig', pushed?: Time): Artifact {
    const options = {
      tags: [`${subject.replace(':', '-')}.${kind}`],
      ...(pushed !== undefined && { pushed }),
    }
    const payload = blobSource(Buffer.from(JSON.stringify({ kind, subject })))
    const type =
      kind === 'sig'
        ? 'application/vnd.dev.cosign.simplesigning.v1+json'
        : 'application/vnd.dsse.envelope.v1+json'
    return this.push(repository, options, {
      mediaType: OCI.manifest,
      config: this.upload(repository, blobSource(Buffer.from('{}')), OCI.config, options),
      layers: [this.upload(repository, payload, type, options)],
    })
  }

  /** An OCI referrer, with a `subject`. */
  refer(subject: Artifact, artifactType: string, content: string, pushed?: Time): Artifact {
    const repository = subject.repository.name
    const options = pushed === undefined ? {} : { pushed }
    return this.push(repository, options, {
      mediaType: OCI.manifest,
      artifactType,
      config: this.upload(repository, blobSource(Buffer.from('{}')), OCI.empty, options),
      layers: [this.upload(repository, blobSource(Buffer.from(content)), artifactType, options)],
      subject: descriptorOf(subject),
    })
  }

  /** A Helm chart; its tag is the version, with `_` for `+`. */
  chart(repository: string, { name, version, ...options }: ChartOptions): Artifact {
    const config = { name, version, apiVersion: 'v2', description: name }
    const pushed = { tags: [version.replaceAll('+', '_')], ...options }
    return this.push(repository, pushed, {
      mediaType: OCI.manifest,
      config: this.upload(
        repository,
        blobSource(Buffer.from(JSON.stringify(config))),
        'application/vnd.cncf.helm.config.v1+json',
        pushed,
      ),
      layers: [
        this.upload(
          repository,
          this.layer({ name: `${name} ${version}`, size: LAYER_SIZE }),
          'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
          pushed,
        ),
      ],
    })
  }

  private layer(layer: string | Layer): BlobSource {
    const { name, size } = typeof layer === 'string' ? { name: layer, size: LAYER_SIZE } : layer
    const key = `${size} ${name}`
    const known = this.layers.get(key)
    if (known !== undefined) return known
    const content: Content = new Generated(() => Buffer.alloc(size, `${name}\n`), 0)
    const source = { content, size, digest: digestOf(content.bytes()) }
    this.layers.set(key, source)
    return source
  }

  private upload(
    repository: string,
    source: BlobSource,
    mediaType: string,
    { pushed }: PushedOptions,
  ): Descriptor {
    putBlob(this.registry, this.registry.ensureRepository(repository), source, this.time(pushed))
    return { mediaType, digest: source.digest, size: source.size }
  }

  private push(repository: string, options: PushedOptions, manifest: Record<string, unknown>): Artifact {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...manifest }))
    const { tags = [] } = options
    const references = tags.length === 0 ? [digestOf(bytes)] : tags
    const mediaType = String(manifest['mediaType'])
    const at = this.time(options.pushed)
    for (const reference of references) {
      pushManifest(this.registry, { repository, reference, bytes, mediaType, at, by: null })
    }
    const artifact = this.registry.artifact(repository, digestOf(bytes))
    if (options.pulled !== undefined) setPulled(artifact, this.time(options.pulled))
    for (const name of options.labels ?? []) this.label(artifact, name)
    return artifact
  }

  label(artifact: Artifact, name: string): void {
    const { labels } = this.registry
    const label = [...labels.values()].find((one) => one.name === name) ?? this.registry.addLabel(name)
    artifact.labels = [...artifact.labels, label]
    touched(artifact.repository)
  }

  private time(time: Time | undefined): number {
    if (time === undefined) return this.registry.clock.now()
    return typeof time === 'string' ? Date.parse(time) : time
  }
}

export function setPulled(artifact: Artifact, at: number): void {
  const pulled = artifact
  pulled.pulled = at
  for (const tag of artifact.tags) tag.pulled = at
  touched(artifact.repository)
}

function imageConfig(options: ImageOptions, layers: readonly BlobSource[]): Record<string, unknown> {
  const { platform = 'linux/amd64', created = '2026-01-01T00:00:00Z', imageLabels } = options
  const [os = '', architecture = '', variant] = platform.split('/')
  const time = new Date(created).toISOString().replace('.000Z', 'Z')
  return {
    architecture,
    os,
    ...(variant !== undefined && { variant }),
    created: time,
    config: { Cmd: ['/app'], Env: ['PATH=/bin'], ...(imageLabels && { Labels: imageLabels }) },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: [{ created: time, created_by: 'COPY / /' }],
  }
}

function descriptorOf({ manifestMediaType, digest, manifest }: Artifact): Descriptor {
  return { mediaType: manifestMediaType, digest, size: manifest.size }
}
