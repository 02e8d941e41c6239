// Garbage collection: blobs that no project needs, and that nobody pushed or asked for within the time window,
// leave the storage. A dry run counts otherwise than a real one, as Harbor's does: a blob that several untagged
// artifacts share counts several times, and what was really deleted isn't looked at (recordings 157 to 163).
import { dissociate, isForeign } from './blobs.ts'
import { deleteArtifact } from './delete.ts'
import { type Execution, type Task, startJob } from './execution.ts'
import { GcLog } from './gc-log.ts'
import { isManifestType } from './manifest.ts'
import type { Artifact, Blob } from './model.ts'
import type { Registry } from './registry.ts'
import { type TrashedArtifact, liveTrash, trashed } from './trash.ts'

const WINDOW_HOURS = 2
const HOUR = 3_600_000

export interface GcOptions {
  readonly dryRun: boolean
  readonly deleteUntagged: boolean
  readonly deleteTag: boolean
  readonly workers: number
}

export interface GcSchedule {
  readonly type: string
  readonly cron: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly created: number
}

export function startGc(registry: Registry, options: GcOptions): Execution {
  const parameters: Record<string, unknown> = {
    delete_tag: options.deleteTag,
    delete_untagged: options.deleteUntagged,
    dry_run: options.dryRun,
    time_window: WINDOW_HOURS,
    workers: options.workers,
  }
  const collect = (_task: Task): string => {
    const log = new GcLog(registry.clock)
    Object.assign(parameters, new Collection(registry, options, log).run())
    return log.text()
  }
  return startJob(registry, { kind: 'GARBAGE_COLLECTION', owner: -1, parameters, work: [collect] })
}

interface Freed {
  freed_space: number
  purged_blobs: number
  purged_manifests: number
}

class Collection {
  private readonly registry: Registry
  private readonly options: GcOptions
  private readonly log: GcLog

  constructor(registry: Registry, options: GcOptions, log: GcLog) {
    this.registry = registry
    this.options = options
    this.log = log
  }

  run(): Freed {
    this.log.started(this.options, WINDOW_HOURS)
    const trash = this.collectTrash()
    const candidates = this.candidates(trash)
    const freed = candidates.length === 0 ? NOTHING : this.mark(candidates)
    if (candidates.length === 0) this.log.nothingToDo()
    if (!this.options.dryRun) {
      if (candidates.length > 0) {
        this.sweep(candidates, trash)
        this.log.swept(freed)
      }
      this.log.cacheCleaned()
    }
    this.log.finished()
    return freed
  }

  private collectTrash(): TrashedArtifact[] {
    const { dryRun, deleteUntagged } = this.options
    const trash = deleteUntagged ? this.untagged() : []
    if (!dryRun) trash.push(...liveTrash(this.registry))
    this.log.trash(trash)
    return trash
  }

  /** Deletes the untagged artifacts, or says what that would take along. */
  private untagged(): TrashedArtifact[] {
    const { dryRun } = this.options
    this.log.untaggedStart()
    const imagined: TrashedArtifact[] = []
    for (const artifact of untaggedArtifacts(this.registry)) {
      const now = this.registry.clock.now()
      if (dryRun) for (const one of walk(artifact)) imagined.push(trashed(one, 0, now))
      else deleteArtifact(this.registry, artifact, 'harbor-jobservice')
      this.log.untagged(artifact)
    }
    this.log.untaggedEnd()
    return imagined
  }

  private candidates(trash: readonly TrashedArtifact[]): Blob[] {
    const oldest = this.registry.clock.now() - WINDOW_HOURS * HOUR
    const orphans = this.orphansOfProjects(oldest)
    const useless = [...this.registry.blobs.values()].filter(
      (blob) => blob.projects === 0 && blob.updated <= oldest,
    )
    if (!this.options.dryRun) return useless
    const ofUntagged = [...new Set(trash.map(({ digest }) => digest))].flatMap((digest) =>
      this.blobsOfArtifact(digest),
    )
    return [...useless, ...ofUntagged, ...orphans]
  }

  /** Uploaded, counted for a project, and no artifact of that project needs it. */
  private orphansOfProjects(oldest: number): Blob[] {
    const orphans: Blob[] = []
    for (const project of this.registry.projects.values()) {
      for (const [blob, holders] of project.blobs) {
        if (holders === 0 && blob.updated <= oldest) {
          orphans.push(blob)
          if (!this.options.dryRun) dissociate(project, blob, this.registry.clock.now())
        }
      }
    }
    return orphans
  }

  private blobsOfArtifact(digest: string): readonly Blob[] {
    for (const repository of this.registry.repositories()) {
      const artifact = repository.artifacts.get(digest)
      if (artifact !== undefined) return artifact.blobs
    }
    return []
  }

  private mark(candidates: readonly Blob[]): Freed {
    const freed = { ...NOTHING }
    for (const blob of candidates) {
      this.log.eligible(blob)
      if (isManifest(blob)) freed.purged_manifests += 1
      else freed.purged_blobs += 1
      if (!isForeign(blob)) freed.freed_space += blob.size
    }
    this.log.marked(freed)
    return freed
  }

  private sweep(candidates: readonly Blob[], trash: readonly TrashedArtifact[]): void {
    const swept = new Set(candidates.map(({ digest }) => digest))
    for (const blob of candidates) this.registry.blobs.delete(blob.digest)
    for (const repository of this.registry.storage.values()) {
      for (const digest of repository.manifests.keys()) {
        if (swept.has(digest)) repository.manifests.delete(digest)
      }
      for (const blob of repository.blobs) if (swept.has(blob.digest)) repository.blobs.delete(blob)
    }
    const gone = new Set(trash.filter(({ digest }) => swept.has(digest)))
    this.registry.trash.splice(0, Infinity, ...this.registry.trash.filter((one) => !gone.has(one)))
  }
}

const NOTHING: Readonly<Freed> = { freed_space: 0, purged_blobs: 0, purged_manifests: 0 }

function isManifest(blob: Blob): boolean {
  return isManifestType(blob.contentType)
}

function untaggedArtifacts(registry: Registry): Artifact[] {
  return [...registry.repositories()]
    .flatMap(({ artifacts }) => [...artifacts.values()])
    .filter(
      ({ tags, parents, accessoryOf }) => tags.length === 0 && parents.length === 0 && accessoryOf === null,
    )
    .toSorted((a, b) => b.pushed - a.pushed || b.id - a.id)
}

/** The artifact and all below it: children and accessories, of these again. */
function walk(root: Artifact): Set<Artifact> {
  const walked = new Set([root])
  for (const artifact of walked) {
    for (const { child } of artifact.references) walked.add(child)
    for (const accessory of artifact.accessories) walked.add(accessory.artifact)
  }
  return walked
}
