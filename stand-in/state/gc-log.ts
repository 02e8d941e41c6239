// The log of a garbage collection, line for line as the job service writes it (recordings 157, 160, 163).
import type { Clock } from './clock.ts'
import type { GcOptions } from './gc.ts'
import type { Artifact, Blob } from './model.ts'
import type { TrashedArtifact } from './trash.ts'

const SOURCE = '/harbor/src/jobservice/job/impl/gc/garbage_collection.go'
const MEGABYTE = 1024 * 1024

interface Counts {
  readonly freed_space: number
  readonly purged_blobs: number
  readonly purged_manifests: number
}

export class GcLog {
  private readonly clock: Clock
  private readonly lines: string[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  text(): string {
    return `${this.lines.join('\n')}\n`
  }

  started(options: GcOptions, windowHours: number): void {
    const { deleteUntagged, deleteTag, dryRun, workers } = options
    this.info(
      169,
      `Garbage Collection parameters: [delete_untagged: ${deleteUntagged}, delete_tag: ${deleteTag}, ` +
        `dry_run: ${dryRun}, time_window: ${windowHours}, workers: ${workers}]`,
    )
    this.info(179, 'start to run gc in job.')
  }

  untaggedStart(): void {
    this.info(553, 'start to delete untagged artifact (no actually deletion for dry-run mode)')
  }

  untagged({ repository, manifestMediaType, digest }: Artifact): void {
    this.info(
      584,
      `delete the untagged artifact: ProjectID:(${repository.project.id})-RepositoryName(${repository.name})-` +
        `MediaType:(${manifestMediaType})-Digest:(${digest})`,
    )
  }

  untaggedEnd(): void {
    this.info(587, 'end to delete untagged artifact (no actually deletion for dry-run mode)')
  }

  trash(trash: readonly TrashedArtifact[]): void {
    if (trash.length === 0) {
      this.write('WARNING', 220, 'no removed artifacts.')
      return
    }
    this.info(602, 'artifact trash candidates.')
    for (const one of trash) {
      this.info(
        604,
        `ID-${one.id} MediaType-${one.mediaType} ManifestMediaType-${one.manifestMediaType} ` +
          `RepositoryName-${one.repository} Digest-${one.digest} CreationTime-${second(one.time).replace('T', ' ')}`,
      )
    }
  }

  nothingToDo(): void {
    this.info(243, 'no need to execute GC as there is no non referenced artifacts.')
  }

  eligible({ digest }: Blob): void {
    this.info(268, `blob eligible for deletion: ${digest}`)
  }

  marked({ freed_space, purged_blobs, purged_manifests }: Counts): void {
    this.info(280, `${purged_blobs} blobs and ${purged_manifests} manifests eligible for deletion`)
    const megabytes = Math.trunc(freed_space / MEGABYTE)
    this.info(281, `The GC could free up ${megabytes} MB space, the size is a rough estimation.`)
  }

  swept({ freed_space, purged_blobs, purged_manifests }: Counts): void {
    this.info(487, `${purged_blobs} blobs and ${purged_manifests} manifests are actually deleted`)
    this.info(488, `The GC job actual frees up ${Math.trunc(freed_space / MEGABYTE)} MB space.`)
  }

  cacheCleaned(): void {
    this.info(525, 'cache clean up completed')
  }

  finished(): void {
    this.info(207, 'success to run gc in job.')
  }

  private info(line: number, message: string): void {
    this.write('INFO', line, message)
  }

  private write(level: string, line: number, message: string): void {
    this.lines.push(`${second(this.clock.now())}Z [${level}] [${SOURCE}:${line}]: ${message}`)
  }
}

function second(time: number): string {
  return new Date(time).toISOString().slice(0, 19)
}
