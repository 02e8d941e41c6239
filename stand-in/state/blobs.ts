// The one blob store, what of it each repository links to, and what of it counts for each project's quota.
import { type Content, bytesOf, digestOf } from './content.ts'
import { HarborError } from './error.ts'
import type { Blob, Project, Repository } from './model.ts'
import type { Registry } from './registry.ts'

const UNKNOWN_TYPE = 'application/octet-stream'
const FOREIGN_LAYER = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'

export interface BlobSource {
  readonly content: Content
  readonly size: number
  readonly digest: string
}

export function blobSource(bytes: Buffer): BlobSource {
  return { content: bytes, size: bytes.length, digest: digestOf(bytes) }
}

/** Finishes an upload: the blob is there, linked to the repository, counted for its project, and young again. */
export function putBlob(
  registry: Registry,
  repository: Repository,
  source: BlobSource,
  at = registry.clock.now(),
): Blob {
  const blob = ensureBlob(registry, source, UNKNOWN_TYPE, at)
  blob.updated = Math.max(blob.updated, at)
  repository.blobs.add(blob)
  associate(repository.project, blob, at)
  return blob
}

export function ensureBlob(registry: Registry, source: BlobSource, contentType: string, at: number): Blob {
  const existing = registry.blobs.get(source.digest)
  if (existing !== undefined) return existing
  const blob: Blob = { ...source, contentType, updated: at, projects: 0 }
  registry.blobs.set(blob.digest, blob)
  return blob
}

/** A blob that this repository may hand out; what another repository was pushed is not (recordings-2, 060). */
export function linkedBlob(registry: Registry, repository: string, digest: string): Blob {
  const blob = registry.blobs.get(digest)
  if (blob === undefined || registry.storage.get(repository)?.blobs.has(blob) !== true) {
    throw new HarborError('BLOB_UNKNOWN', 'blob unknown to registry', { details: [digest] })
  }
  return blob
}

export function associate(project: Project, blob: Blob, at: number): void {
  if (project.blobs.has(blob)) return
  project.blobs.set(blob, 0)
  blob.projects += 1
  if (isForeign(blob)) return
  project.quota.used += blob.size
  project.quota.updated = at
}

export function dissociate(project: Project, blob: Blob, at: number): void {
  if (!project.blobs.delete(blob)) return
  blob.projects -= 1
  if (isForeign(blob)) return
  project.quota.used -= blob.size
  project.quota.updated = at
}

/** Counts one more artifact of the project that needs these blobs. */
export function hold(project: Project, blobs: Iterable<Blob>, at: number): void {
  for (const blob of blobs) {
    associate(project, blob, at)
    project.blobs.set(blob, (project.blobs.get(blob) ?? 0) + 1)
  }
}

/** Counts one artifact less; what the project needs no longer stops counting for it (but stays until GC). */
export function release(project: Project, blobs: Iterable<Blob>, at: number): void {
  for (const blob of blobs) {
    const holders = (project.blobs.get(blob) ?? 0) - 1
    if (holders > 0) project.blobs.set(blob, holders)
    else dissociate(project, blob, at)
  }
}

/** Refuses what would go over the project's quota, in Harbor's words (recordings-2, 055). */
export function requestStorage(project: Project, bytes: number): void {
  const { hard, used } = project.quota
  if (hard < 0 || bytes <= 0 || used + bytes <= hard) return
  throw new HarborError(
    'DENIED',
    `adding ${binarySize(bytes)} of storage resource, which when updated to current usage of ` +
      `${binarySize(used)} will exceed the configured upper limit of ${binarySize(hard)}.`,
  )
}

function binarySize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`
}

export function isForeign(blob: Blob): boolean {
  return blob.contentType === FOREIGN_LAYER
}

export function text(blob: Blob): string {
  return bytesOf(blob.content).toString('utf8')
}
