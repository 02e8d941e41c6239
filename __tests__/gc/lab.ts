// A Harbor with old images, and a bin with what was deleted from it, written as an apply writes it.
import path from 'node:path'
import { createHash } from 'node:crypto'
import { binFolder } from '../../src/bin/bin.ts'
import { Journal } from '../../src/bin/journal.ts'
import { JOURNAL_FORMAT, type JournalRecord, type SavedManifest } from '../../src/bin/records.ts'
import { collect } from '../../src/gc/collect.ts'
import type { Asked, Collected, Teller, Time } from '../../src/gc/types.ts'
import { HarborChanges } from '../../src/harbor/changes.ts'
import type { Credentials } from '../../src/harbor/http.ts'
import { Builder } from '../../stand-in/load/build.ts'
import type { Timings } from '../../stand-in/state/clock.ts'
import { bytesOf } from '../../stand-in/state/content.ts'
import { deleteArtifact } from '../../stand-in/state/delete.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { clientOf } from '../helpers/connect.ts'
import { Folder } from '../helpers/program.ts'
import { Commands } from '../helpers/run.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const NOW = Date.parse('2026-11-21T12:00:00Z')
export const LONG_BEFORE = NOW - 100 * DAY

export interface InBin {
  /** When it was deleted. */
  readonly at: number
  /** The journal's name without its end; the time unless given. */
  readonly journal?: string
  /** What became of the delete; done unless given, null when the apply was killed before it knew. */
  readonly outcome?: 'done' | 'skipped' | 'failed' | null
  readonly restored?: boolean
  /** The repository that is written down, where it isn't the image's. */
  readonly repository?: string
  /** The Harbor that it was deleted from, where it isn't this one. */
  readonly harbor?: string
}

/** Everything that a teller was told. */
export class Told implements Teller {
  readonly said: string[] = []
  readonly warned: string[] = []
  readonly progressed: string[] = []

  say(text: string): void {
    this.said.push(text)
  }

  warn(text: string): void {
    this.warned.push(text)
  }

  progress(text: string): void {
    this.progressed.push(text)
  }
}

export class Lab {
  readonly standIn: StandIn
  readonly builder: Builder
  readonly folder = new Folder()
  readonly told = new Told()
  readonly #clock: { now: number }

  private constructor(standIn: StandIn, clock: { now: number }) {
    this.standIn = standIn
    this.#clock = clock
    standIn.registry.addProject({ name: 'team-a' })
    standIn.registry.addProject({ name: 'team-b' })
    this.builder = new Builder(standIn.registry)
  }

  static async start(timings: Timings | 'none' = 'none'): Promise<Lab> {
    const clock = { now: NOW }
    const standIn = await startStandIn({ clock: () => clock.now, timings })
    return new Lab(standIn, clock)
  }

  async close(): Promise<void> {
    await this.standIn.close()
    this.folder.remove()
  }

  get now(): number {
    return this.#clock.now
  }

  set now(now: number) {
    this.#clock.now = now
  }

  get bin(): string {
    return binFolder(path.join(this.folder.path, 'work'))
  }

  /** An image with a layer of its own, pushed long before. */
  image(repository: string, tag: string, size = 5000): Artifact {
    const layers = [{ name: `${repository} ${tag}`, size }, 'base']
    const created = Date.parse('2026-01-01T00:00:00Z') + this.standIn.registry.artifactCount * HOUR
    return this.builder.image(repository, { tags: [tag], layers, created, pushed: LONG_BEFORE })
  }

  /** Deletes an artifact as an apply does: saved, sent, deleted, written down. */
  async deleted(artifact: Artifact, options: InBin): Promise<void> {
    await this.saved(artifact, options)
    const { registry } = this.standIn
    const { now } = this
    this.now = options.at
    deleteArtifact(registry, artifact, 'admin')
    this.now = now
  }

  /** Writes down what an apply would, and deletes nothing. */
  async saved(artifact: Artifact, options: InBin): Promise<void> {
    const { at, outcome = 'done', restored = false, harbor = this.standIn.url } = options
    const { journal: name = String(at) } = options
    const { repository = artifact.repository.name } = options
    const item = `delete-artifact ${repository}@${artifact.digest}`
    const time = new Date(at).toISOString()
    const records: JournalRecord[] = [
      {
        record: 'begun',
        format: JOURNAL_FORMAT,
        at: time,
        tool: 'harbor-dredge test',
        plan: planOf(name),
        harbor,
      },
      {
        record: 'saved',
        at: time,
        item,
        repository,
        digest: artifact.digest,
        tags: artifact.tags.map((tag) => tag.name),
        manifests: manifestsOf(artifact),
      },
      { record: 'sent', at: time, item },
      ...(outcome === null ? [] : [{ record: 'outcome' as const, at: time, item, outcome, why: '' }]),
      ...(restored ? [{ record: 'restored' as const, at: time, item }] : []),
    ]
    const journal = await Journal.begin(this.bin, `${name}-${this.#journals++}.ndjson`)
    await journal.add(...records)
    await journal.close()
  }

  #journals = 0

  /** Collects garbage; the pauses pass on the stand-in's clock, and don't take any time. */
  async collect(
    asked: Partial<Asked> = {},
    { credentials, time = {} }: { readonly credentials?: Credentials; readonly time?: Partial<Time> } = {},
  ): Promise<Collected> {
    const { harbor, http, close } = clientOf(
      this.standIn.url,
      credentials === undefined ? {} : { credentials },
    )
    try {
      const account = await harbor.account()
      return await collect(
        { harbor, changes: new HarborChanges(http), account },
        {
          deleteUntagged: false,
          wait: HOUR / 2,
          keep: undefined,
          bin: this.bin,
          dryRun: false,
          concurrency: 4,
          expectedBytes: undefined,
          ...asked,
        },
        this.told,
        { now: () => this.now, pause: (length) => this.#pass(length), ...time },
      )
    } finally {
      await close()
    }
  }

  #pass(length: number): Promise<void> {
    this.now += length
    return Promise.resolve()
  }

  get commands(): Commands {
    return new Commands(this.folder, this.standIn.url)
  }

  /** Blobs of an image without its manifest, as far as Harbor still has them. */
  blobsLeft(artifact: Artifact): number {
    return blobsOf(artifact).filter((digest) => this.standIn.registry.blobs.has(digest)).length
  }

  /** How often Harbor was asked so. */
  requests(method: string, part: string): number {
    return this.standIn.requests.filter((one) => one.method === method && one.path.includes(part)).length
  }
}

export function blobsOf(artifact: Artifact): readonly string[] {
  return artifact.blobs.map(({ digest }) => digest).filter((digest) => digest !== artifact.digest)
}

/** Names of items, to compare with. */
export function named(items: Collected['restorable']): readonly string[] {
  return items.map(({ repository, tags }) => `${repository}:${tags.join(',')}`)
}

function planOf(name: string): string {
  return `sha256:${createHash('sha256').update(name).digest('hex')}`
}

/** Children before their index, accessories behind. */
function manifestsOf(artifact: Artifact): SavedManifest[] {
  const children = artifact.references.map(({ child }) => child)
  const accessories = artifact.accessories.map((accessory) => accessory.artifact)
  return [
    ...children.map((child) => manifestOf(child, 'child')),
    manifestOf(artifact, 'artifact'),
    ...accessories.map((accessory) => manifestOf(accessory, 'accessory')),
  ]
}

function manifestOf(artifact: Artifact, role: SavedManifest['role']): SavedManifest {
  return {
    digest: artifact.digest,
    role,
    mediaType: artifact.manifestMediaType,
    content: Buffer.from(bytesOf(artifact.manifest.content)).toString('base64'),
    tags: artifact.tags.map(({ name }) => name),
    labels: [],
  }
}
