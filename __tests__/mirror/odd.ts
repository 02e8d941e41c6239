// Something of everything that registries hold, pushed into a stand-in as its clients would.
import { createHash } from 'node:crypto'
import { Builder } from '../../stand-in/load/build.ts'
import { blobSource, putBlob } from '../../stand-in/state/blobs.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { pushManifest } from '../../stand-in/state/push.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import { daysLater } from '../helpers/registry.ts'

/** More than is sent without skopeo. */
const BIG = 1_200_000

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly urls?: readonly string[]
}

const OCI = 'application/vnd.oci.image'
const DOCKER = 'application/vnd.docker'
const EMPTY = 'application/vnd.oci.empty.v1+json'
const IMAGE_CONFIG = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  rootfs: { type: 'layers', diff_ids: [] },
})

/** Bytes that nothing compresses, by a name. */
export function noise(name: string, size: number): Buffer {
  return createHash('shake256', { outputLength: size }).update(name).digest()
}

/** Pushes to one repository. */
class Shelf {
  readonly #registry: Registry
  readonly #repository: string
  readonly builder: Builder

  constructor(registry: Registry, repository: string) {
    this.#registry = registry
    this.#repository = repository
    this.builder = new Builder(registry)
  }

  blob(content: string | Buffer, mediaType: string): Descriptor {
    const source = blobSource(Buffer.from(content))
    const repository = this.#registry.ensureRepository(this.#repository)
    putBlob(this.#registry, repository, source, daysLater(0))
    return { mediaType, digest: source.digest, size: source.size }
  }

  /** @param space as JSON.stringify takes it: a digest is that of the bytes, however these are laid out */
  push(
    content: { readonly mediaType: string } & Readonly<Record<string, unknown>>,
    tag = '',
    space = 0,
  ): Artifact {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...content }, null, space))
    const digest = blobSource(bytes).digest
    const { mediaType } = content
    const reference = tag === '' ? digest : tag
    return pushManifest(this.#registry, {
      repository: this.#repository,
      reference,
      bytes,
      mediaType,
      at: daysLater(1),
      by: null,
    }).artifact
  }

  image(tag: string, layers: readonly Descriptor[], more: Readonly<Record<string, unknown>> = {}): Artifact {
    const config = this.blob(IMAGE_CONFIG, `${OCI}.config.v1+json`)
    return this.push({ mediaType: `${OCI}.manifest.v1+json`, config, layers, ...more }, tag)
  }

  layer(name: string, size = 100): Descriptor {
    return this.blob(noise(name, size), `${OCI}.layer.v1.tar+gzip`)
  }
}

export function descriptorOf({ manifestMediaType: mediaType, digest, manifest }: Artifact): Descriptor {
  return { mediaType, digest, size: manifest.size }
}

/** A layer that isn't here, but at some URL. */
const ELSEWHERE = { digest: `sha256:${'1'.repeat(64)}`, size: 1_000_000, urls: ['https://example.com/layer'] }

/** @returns by tag what has to arrive */
export function fillOdd(registry: Registry, repository: string): void {
  const shelf = new Shelf(registry, repository)
  const { builder } = shelf
  const at = { pushed: daysLater(1) }

  const signed = builder.image(repository, { tags: ['signed', 'signed-too'], layers: ['signed'], ...at })
  for (const kind of ['sig', 'att', 'sbom'] as const) {
    builder.sign(repository, signed.digest, kind, daysLater(2))
  }

  const referred = shelf.image('referred', [shelf.layer('referred')])
  const sbom = builder.refer(referred, 'application/spdx+json', 'one', daysLater(3))
  builder.refer(referred, 'application/spdx+json', 'another', daysLater(4))
  builder.refer(sbom, 'application/vnd.example.note', 'of the first', daysLater(5))
  shelf.push({
    mediaType: `${OCI}.manifest.v1+json`,
    artifactType: 'application/vnd.example.big',
    config: shelf.blob('{}', EMPTY),
    layers: [shelf.blob(noise('of an image, and big', BIG), 'application/vnd.example.big')],
    subject: descriptorOf(referred),
    annotations: { 'org.example.size': 'big' },
  })

  const images = ['amd64', 'arm64'].map((name) =>
    builder.image(repository, { platform: `linux/${name}`, layers: [{ name, size: BIG }], ...at }),
  )
  const index = builder.index(repository, { images, tags: ['index'], attestations: true, ...at })
  builder.sign(repository, index.digest, 'sig', daysLater(6))
  const [amd64] = images
  if (amd64 !== undefined) builder.refer(amd64, 'application/spdx+json', 'of a child', daysLater(7))

  builder.chart(repository, { name: 'chart', version: '1.0.0', ...at })
  builder.image(repository, { tags: ['docker'], layers: ['docker'], docker: true, ...at })
  const big = builder.image(repository, { layers: [{ name: 'docker', size: BIG }], docker: true, ...at })
  shelf.push(
    {
      mediaType: `${DOCKER}.distribution.manifest.list.v2+json`,
      manifests: [{ ...descriptorOf(big), platform: { architecture: 'amd64', os: 'linux' } }],
    },
    'docker-list',
    3,
  )

  const inner = shelf.push({
    mediaType: `${OCI}.index.v1+json`,
    manifests: [descriptorOf(shelf.image('', [shelf.layer('inner', BIG)]))],
  })
  const leaf = descriptorOf(shelf.image('', [shelf.layer('beside it')]))
  // What an index may say of its children, and clients that write it anew leave out.
  const said = { artifactType: 'application/vnd.example', data: 'e30=', annotations: { a: 'b' } }
  shelf.push(
    {
      mediaType: `${OCI}.index.v1+json`,
      manifests: [descriptorOf(inner), { ...leaf, ...said }, descriptorOf(inner)],
    },
    'nested',
  )
  shelf.push(
    { mediaType: `${OCI}.index.v1+json`, manifests: [], annotations: { empty: 'yes' } },
    'no-children',
  )

  const rocket = 'application/vnd.acme.rocket'
  const odd = (content: Buffer): Readonly<Record<string, unknown>> & { readonly mediaType: string } => ({
    mediaType: `${OCI}.manifest.v1+json`,
    config: shelf.blob('thrust', `${rocket}.v7+weird`),
    layers: [shelf.blob(content, `${rocket}.stage`)],
  })
  shelf.push(odd(Buffer.from('small')), 'rocket', 2)
  shelf.push(odd(noise('rocket', BIG)), 'big-rocket', 2)
  shelf.push(
    {
      mediaType: `${OCI}.manifest.v1+json`,
      artifactType: rocket,
      config: shelf.blob('{}', EMPTY),
      layers: [],
    },
    'no-layers',
  )

  const twice = shelf.layer('twice')
  const bigTwice = shelf.layer('big, twice', BIG)
  const nothing = shelf.blob('', `${OCI}.layer.v1.tar`)
  shelf.image('repeated', [twice, nothing, twice, nothing])
  shelf.image('repeated-big', [bigTwice, nothing, bigTwice, twice])
}

/** Images with layers that are elsewhere; not every registry takes them. */
export function fillForeign(registry: Registry, repository: string): void {
  const shelf = new Shelf(registry, repository)
  const foreign = `${OCI}.layer.nondistributable.v1.tar+gzip`
  shelf.image('foreign', [shelf.layer('own'), { mediaType: foreign, ...ELSEWHERE }])
  shelf.image('foreign-big', [shelf.layer('big own', BIG), { mediaType: foreign, ...ELSEWHERE }])
  shelf.push(
    {
      mediaType: `${DOCKER}.distribution.manifest.v2+json`,
      config: shelf.blob(IMAGE_CONFIG, `${DOCKER}.container.image.v1+json`),
      layers: [
        { mediaType: `${DOCKER}.image.rootfs.foreign.diff.tar.gzip`, ...ELSEWHERE },
        shelf.blob(noise('docker’s own', BIG), `${DOCKER}.image.rootfs.diff.tar.gzip`),
      ],
    },
    'foreign-docker',
  )
}

/** One whose layer says that it is elsewhere, and that is here all the same. */
export function fillForeignHere(registry: Registry, repository: string, size: number): void {
  const shelf = new Shelf(registry, repository)
  const layer = { ...shelf.layer('here all the same', size), urls: ['https://example.com/layer'] }
  shelf.image('old', [layer])
}
