// Registries of many artifacts, for benchmarks: how the artifacts are spread over repositories is what matters
// to a crawl. Manifests are real (their digests are those of their bytes) but made again whenever they are read.
import { type BlobSource, blobSource, ensureBlob } from '../state/blobs.ts'
import { type Content, Generated, bytesOf, digestOf } from '../state/content.ts'
import type { Artifact, Tag } from '../state/model.ts'
import { ensureTag, pushManifest } from '../state/push.ts'
import type { Registry } from '../state/registry.ts'

export const SHAPES = ['small', 'large', 'tiny', 'mixed', 'multiarch'] as const
export type Shape = (typeof SHAPES)[number]

interface Plan {
  readonly repository: string
  readonly artifacts: number
}

const YEAR = 365 * 86_400_000
const DAY = 86_400_000
const CONFIGS = 999
const BASES = 20
const BASE_SIZE = 1_000_000
const LAYER_SIZE = 64
const UNTYPED = 'application/octet-stream'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
const SIGNATURE = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** Fills the registry with about so many artifacts, children and signatures of `multiarch` included. */
export function loadShape(registry: Registry, shape: Shape, artifacts: number): void {
  const plans = PLANS[shape](artifacts)
  for (const { repository } of plans) {
    const project = repository.split('/', 1)[0] ?? ''
    if (!registry.projects.has(project)) registry.addProject({ name: project })
  }
  const writer = new ShapeWriter(registry, artifacts)
  const write = (repository: string): void => {
    if (shape === 'multiarch') writer.unit(repository)
    else writer.image(repository)
  }
  if (shape === 'mixed') interleave(plans, write)
  else oneAfterAnother(plans, write)
}

/** An index with three children; every other one is signed. */
const UNIT = 4.5

const PLANS: Readonly<Record<Shape, (artifacts: number) => Plan[]>> = {
  /** Repositories of 50, twenty a project. */
  small: (artifacts) => plan(artifacts / 50, 50, (i) => `small-${number(i / 20, 3)}/app-${number(i, 4)}`),
  large: (artifacts) => plan(1, artifacts, () => 'large/big'),
  /** Repositories of three, all in one project. */
  tiny: (artifacts) => plan(artifacts / 3, 3, (i) => `tiny/t-${number(i, 4)}`),
  /** One of 68 in 100 and four of 8 in 100, pushed to in turns. */
  mixed: (artifacts) => [
    { repository: 'mixed/m-big', artifacts: Math.round(artifacts * 0.68) },
    ...plan(4, artifacts * 0.08, (i) => `mixed/m-${i}`),
  ],
  /** Twenty indexes a repository, with their children and signatures. */
  multiarch: (artifacts) =>
    plan(artifacts / (20 * UNIT), 20, (i) => `multi-${number(i / 20, 2)}/idx-${number(i, 3)}`),
}

function plan(repositories: number, artifacts: number, name: (index: number) => string): Plan[] {
  return Array.from({ length: Math.max(1, Math.round(repositories)) }, (_, index) => ({
    repository: name(index),
    artifacts: Math.round(artifacts),
  }))
}

function number(value: number, digits: number): string {
  return String(Math.floor(value)).padStart(digits, '0')
}

function oneAfterAnother(plans: readonly Plan[], write: (repository: string) => void): void {
  for (const { repository, artifacts } of plans) {
    for (let written = 0; written < artifacts; written += 1) write(repository)
  }
}

function interleave(plans: readonly Plan[], write: (repository: string) => void): void {
  const total = plans.reduce((sum, { artifacts }) => sum + artifacts, 0)
  const written = plans.map(() => 0)
  for (let i = 1; i <= total; i += 1) {
    for (const [index, { repository, artifacts }] of plans.entries()) {
      while ((written[index] ?? 0) < Math.floor((artifacts * i) / total)) {
        written[index] = (written[index] ?? 0) + 1
        write(repository)
      }
    }
  }
}

class ShapeWriter {
  private readonly registry: Registry
  private readonly start: number
  private readonly step: number
  private readonly configs: readonly BlobSource[] = Array.from({ length: CONFIGS }, (_, i) => config(i))
  private readonly bases: readonly BlobSource[] = Array.from({ length: BASES }, (_, i) => base(i))
  private count = 0
  private units = 0

  constructor(registry: Registry, artifacts: number) {
    this.registry = registry
    this.start = registry.clock.now() - YEAR
    this.step = (YEAR - DAY) / artifacts
  }

  image(repository: string, tagsFor = tagsOf): Artifact {
    const seed = this.next()
    const at = this.time(seed)
    this.link(repository, this.blobsOf(seed), at)
    const content = new Generated(this.manifest, seed)
    const artifact = this.push(repository, { content, mediaType: MANIFEST, tags: tagsFor(seed), at })
    if (seed % 3 === 0) pull(artifact, Math.min(at + (seed % 60) * DAY, this.start + YEAR))
    return artifact
  }

  /** Three children, an index of them, and for every other one a signature. */
  unit(repository: string): void {
    const children = [this.child(repository), this.child(repository), this.child(repository)]
    const seed = this.next()
    const text = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: children })
    const index = this.push(repository, {
      content: Buffer.from(text),
      mediaType: INDEX,
      tags: [`v1.${seed}.0`],
      at: this.time(seed),
    })
    this.units += 1
    if (this.units % 2 === 0) this.sign(repository, index)
  }

  private child(repository: string): Record<string, unknown> {
    const { digest, manifest, extraAttributes } = this.image(repository, untagged)
    const platform = { architecture: extraAttributes?.['architecture'], os: 'linux' }
    return { mediaType: MANIFEST, digest, size: manifest.size, platform }
  }

  private sign(repository: string, { digest }: Artifact): void {
    const at = this.time(this.next())
    const empty = blobSource(Buffer.from('{}'))
    const payload = blobSource(Buffer.from(JSON.stringify({ signed: digest })))
    this.link(repository, [empty, payload], at)
    const text =
      `{"schemaVersion":2,"mediaType":"${MANIFEST}","config":${descriptor(CONFIG, empty)},` +
      `"layers":[${descriptor(SIGNATURE, payload)}]}`
    const tags = [`${digest.replace(':', '-')}.sig`]
    this.push(repository, { content: Buffer.from(text), mediaType: MANIFEST, tags, at })
  }

  private link(repository: string, sources: readonly BlobSource[], at: number): void {
    const { blobs } = this.registry.ensureRepository(repository)
    for (const source of sources) blobs.add(ensureBlob(this.registry, source, UNTYPED, at))
  }

  private push(
    repository: string,
    {
      content,
      mediaType,
      tags,
      at,
    }: { content: Content; mediaType: string; tags: readonly string[]; at: number },
  ): Artifact {
    const bytes = bytesOf(content)
    const [first = digestOf(bytes), ...others] = tags
    const { artifact } = pushManifest(this.registry, {
      repository,
      reference: first,
      bytes,
      content,
      mediaType,
      at,
      by: null,
    })
    for (const tag of others) ensureTag(this.registry, artifact, tag, at)
    return artifact
  }

  /** A config and a base layer that many images share, and a layer of its own. */
  private blobsOf(seed: number): [BlobSource, BlobSource, BlobSource] {
    const [shared = config(0), lowest = base(0)] = [this.configs[seed % CONFIGS], this.bases[seed % BASES]]
    return [shared, lowest, ownLayer(seed)]
  }

  private readonly manifest = (seed: number): Buffer => {
    const [shared, lowest, own] = this.blobsOf(seed)
    return Buffer.from(
      `{"schemaVersion":2,"mediaType":"${MANIFEST}","config":${descriptor(CONFIG, shared)},` +
        `"layers":[${descriptor(LAYER, lowest)},${descriptor(LAYER, own)}]}`,
    )
  }

  private next(): number {
    this.count += 1
    return this.count
  }

  private time(seed: number): number {
    return Math.floor(this.start + seed * this.step)
  }
}

/** By its first tag, if it has one. */
function pull(artifact: Artifact, at: number): void {
  const pulled: (Artifact | Tag)[] = [artifact, ...artifact.tags.slice(0, 1)]
  for (const one of pulled) one.pulled = at
}

function descriptor(mediaType: string, { digest, size }: BlobSource): string {
  return `{"mediaType":"${mediaType}","digest":"${digest}","size":${size}}`
}

function ownLayer(seed: number): BlobSource {
  const content = new Generated(layerBytes, seed)
  return { content, size: LAYER_SIZE, digest: digestOf(content.bytes()) }
}

function layerBytes(seed: number): Buffer {
  return Buffer.from(`layer ${seed}\n`.padEnd(LAYER_SIZE, '.'))
}

function base(index: number): BlobSource {
  const content = Buffer.alloc(BASE_SIZE, `base ${index}\n`)
  return blobSource(content)
}

/** As a build makes them: some environment, ports, labels that say what was built from what. */
function config(index: number): BlobSource {
  const revision = digestOf(`revision ${index}`).slice('sha256:'.length, 47)
  const created = new Date(Date.parse('2026-01-01T00:00:00Z') + index * 8 * 3_600_000)
  const content = {
    architecture: ['amd64', 'arm64', 'arm'][index % 3],
    os: 'linux',
    created: created.toISOString().replace('.000Z', 'Z'),
    config: {
      User: '1000',
      ExposedPorts: { '8080/tcp': {} },
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', `APP_VERSION=1.${index}.0`],
      Entrypoint: ['/usr/local/bin/app'],
      WorkingDir: '/srv',
      Labels: { 'org.opencontainers.image.revision': revision },
    },
    rootfs: { type: 'layers', diff_ids: [] },
  }
  return blobSource(Buffer.from(JSON.stringify(content)))
}

/** Releases, branch builds, pull request builds; one in ten has two tags, one in twenty has lost its own. */
function tagsOf(seed: number): string[] {
  if (seed % 20 === 19) return []
  const kind = seed % 10
  const hex = ((seed * 2_654_435_761) % 268_435_456).toString(16).padStart(7, '0')
  const other = kind < 7 ? `main-${hex}` : `pr-${seed}`
  const name = kind < 3 ? `v1.${seed}.0` : other
  return kind === 0 ? [name, `build-${seed}`] : [name]
}

function untagged(): string[] {
  return []
}
