// A bin as an apply fills it, written by hand: what goes is read out of the stand-in just before it is deleted there.
import path from 'node:path'
import { Journal } from '../../src/bin/journal.ts'
import {
  JOURNAL_FORMAT,
  type JournalRecord,
  type Outcome,
  type SavedManifest,
} from '../../src/bin/records.ts'
import { bytesOf } from '../../stand-in/state/content.ts'
import { deleteArtifact, deleteTag } from '../../stand-in/state/delete.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'

export interface Thrown {
  /** The moment of its delete; by default a minute after the one before. */
  readonly at?: number
  readonly plan?: string
  /** Undefined: the run was killed before it knew. */
  readonly outcome?: Outcome | undefined
  readonly sent?: boolean
  /** Whether it is really deleted. */
  readonly gone?: boolean
  readonly harbor?: string
  /** Changes what is written down. */
  readonly edit?: (manifests: readonly SavedManifest[]) => readonly SavedManifest[]
}

const MINUTE = 60_000
export const PLAN = `sha256:${'1'.repeat(64)}`

export class Trash {
  readonly folder: string
  readonly #standIn: StandIn
  #count = 0

  constructor(standIn: StandIn, folder: string) {
    this.#standIn = standIn
    this.folder = path.join(folder, 'bin')
  }

  /** Saves and deletes an artifact, with what goes along. */
  async artifact(artifact: Artifact, thrown: Thrown = {}): Promise<void> {
    const { registry } = this.#standIn
    const { repository, digest } = artifact
    const before = [...repository.artifacts.values()].map((each) => ({
      each,
      manifest: savedOf(each, digest),
    }))
    const item = `delete-artifact ${repository.name}@${digest}`
    const tags = artifact.tags.map(({ name }) => name)
    const isReal = thrown.gone ?? true
    if (isReal) deleteArtifact(registry, artifact, 'harbor-dredge')
    const went = before.filter(({ each }) =>
      isReal ? !repository.artifacts.has(each.digest) : each === artifact,
    )
    const order = { child: 0, artifact: 1, accessory: 2 }
    const manifests = went
      .toSorted((a, b) => order[a.manifest.role] - order[b.manifest.role] || a.each.id - b.each.id)
      .map(({ manifest }) => manifest)
    await this.#write(item, { repository: repository.name, digest, tags, manifests }, thrown)
  }

  /** Deletes a tag alone. */
  async tag(artifact: Artifact, tag: string, thrown: Thrown = {}): Promise<void> {
    const { name } = artifact.repository
    const item = `delete-tag ${name}@${artifact.digest}:${tag}`
    if (thrown.gone ?? true) deleteTag(this.#standIn.registry, artifact, tag, 'harbor-dredge')
    await this.#write(item, { repository: name, digest: artifact.digest, tags: [tag], manifests: [] }, thrown)
  }

  async #write(
    item: string,
    what: {
      readonly repository: string
      readonly digest: string
      readonly tags: string[]
      readonly manifests: SavedManifest[]
    },
    thrown: Thrown,
  ): Promise<void> {
    this.#count += 1
    const { plan = PLAN, harbor = this.#standIn.url, sent = true, edit = (manifests) => manifests } = thrown
    const outcome = 'outcome' in thrown ? thrown.outcome : 'done'
    const at = new Date(thrown.at ?? Date.parse('2026-11-21T12:00:00Z') + this.#count * MINUTE).toISOString()
    const records: JournalRecord[] = [
      { record: 'begun', format: JOURNAL_FORMAT, at, tool: 'harbor-dredge 0', plan, harbor },
      { record: 'saved', at, item, ...what, manifests: [...edit(what.manifests)] },
    ]
    if (sent) records.push({ record: 'sent', at, item })
    if (outcome !== undefined) records.push({ record: 'outcome', at, item, outcome, why: '' })
    const name = `${String(this.#count).padStart(4, '0')}.ndjson`
    const journal = await Journal.begin(this.folder, name)
    await journal.add(...records)
    await journal.close()
  }
}

function savedOf(artifact: Artifact, root: string): SavedManifest {
  return {
    digest: artifact.digest,
    role: artifact.digest === root ? 'artifact' : artifact.accessoryOf === null ? 'child' : 'accessory',
    mediaType: artifact.manifestMediaType,
    content: bytesOf(artifact.manifest.content).toString('base64'),
    tags: artifact.tags.map(({ name }) => name),
    labels: artifact.labels.map(({ name, id }) => ({ name, id })),
  }
}
