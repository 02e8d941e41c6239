// A manifest arrives: what Harbor checks, in its order, and what it makes of it.
import { associate, ensureBlob, hold, requestStorage } from './blobs.ts'
import { recordAudit } from './audit.ts'
import { type Content, digestOf } from './content.ts'
import { describe } from './describe.ts'
import { HarborError, notFound, precondition } from './error.ts'
import { isImmutable, refuseImmutable } from './immutable.ts'
import { type Manifest, parseManifest, referencesOf } from './manifest.ts'
import {
  type Artifact,
  type Blob,
  NEVER,
  type Project,
  type Reference,
  type Repository,
  type Tag,
} from './model.ts'
import { attachAccessories } from './accessories.ts'
import { type Registry, isDigest, projectOf, touched, withinProject } from './registry.ts'

export interface Push {
  readonly repository: string
  /** A tag, or the digest. */
  readonly reference: string
  readonly bytes: Buffer
  readonly mediaType: string
  readonly at?: number
  /** Who the audit log says it was: admin unless given, and no entry at all for null. */
  readonly by?: string | null
  /** How the bytes are kept, if not as they are. */
  readonly content?: Content
}

export interface Pushed {
  readonly artifact: Artifact
  readonly subject: string | undefined
}

function auditPush({ registry, repository, reference, digest }: Arrival, user: string): void {
  recordAudit(registry, {
    operation: 'create',
    resourceType: 'artifact',
    resource: `${repository}${isDigest(reference) ? '@' : ':'}${reference}`,
    description: `push artifact: ${repository}@${digest}`,
    user,
  })
}

/** A push under way, with what was read out of it. */
interface Arrival extends Push {
  readonly registry: Registry
  readonly project: Project
  readonly manifest: Manifest
  readonly digest: string
  readonly at: number
}

export function pushManifest(registry: Registry, push: Push): Pushed {
  const arrival: Arrival = {
    ...push,
    registry,
    project: registry.project(projectOf(push.repository)),
    manifest: parseManifest(push.bytes, push.mediaType),
    digest: digestOf(push.bytes),
    at: push.at ?? registry.clock.now(),
  }
  const { project, manifest, digest, at, reference } = arrival
  refuseProxy(project)
  refuseImmutableTag(arrival)
  requestStorage(project, storageNeeded(arrival))
  const known = registry.blobs.get(digest)
  if (known !== undefined) known.updated = at
  const repository = registry.ensureRepository(push.repository)
  const blob = store(arrival, repository)
  const artifact = repository.artifacts.get(digest) ?? create(arrival, repository, blob)
  if (!isDigest(reference)) ensureTag(registry, artifact, reference, at)
  syncBlobs(arrival)
  attachAccessories(registry, artifact, { manifest, reference, at })
  touched(repository)
  const { by = registry.admin.name } = push
  if (by !== null) auditPush(arrival, by)
  return { artifact, subject: manifest.subject?.digest }
}

export function refuseProxy(project: Project): void {
  if (project.registryId === 0) return
  throw new HarborError('DENIED', `denied: can not push artifact to a proxy project: ${project.name}`)
}

/** The tag is there and immutable: refused even with the same bytes (recordings-2, 051). */
function refuseImmutableTag({ registry, repository: name, reference }: Arrival): void {
  const repository = registry.findRepository(name)
  if (repository?.tags.has(reference) !== true || !isImmutable(repository, reference)) return
  throw precondition(
    `Failed to process request due to '${withinProject(repository)}:${reference}' configured as immutable.`,
  )
}

function storageNeeded({ registry, project, digest, bytes, manifest }: Arrival): number {
  const counts = (blobDigest: string): boolean => {
    const blob = registry.blobs.get(blobDigest)
    return blob !== undefined && project.blobs.has(blob)
  }
  if (counts(digest)) return 0
  return referencesOf(manifest)
    .filter((reference) => !counts(reference.digest))
    .reduce((sum, { size }) => sum + size, bytes.length)
}

/** What the registry behind Harbor does: everything referred to must be in this repository's storage. */
function store(arrival: Arrival, repository: Repository): Blob {
  const { registry, reference, manifest, digest, bytes, at, content = bytes } = arrival
  if (isDigest(reference) && reference !== digest) {
    throw new HarborError('DIGEST_INVALID', 'provided digest did not match uploaded content')
  }
  const missing = referencesOf(manifest).filter((referred) => {
    if (manifest.isIndex) return !repository.manifests.has(referred.digest)
    // Whatever says where else it is need not be here (v2.15.1).
    if (referred.urls !== undefined && referred.urls.length > 0) return false
    const blob = registry.blobs.get(referred.digest)
    return blob === undefined || !repository.blobs.has(blob)
  })
  if (missing.length > 0) {
    throw new HarborError('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry', {
      details: missing.map((referred) => referred.digest),
    })
  }
  const source = { content, size: bytes.length, digest }
  const blob = ensureBlob(registry, source, manifest.mediaType, at)
  repository.manifests.set(digest, blob)
  return blob
}

function create({ registry, manifest, at }: Arrival, repository: Repository, blob: Blob): Artifact {
  const children = manifest.manifests.map((descriptor) => {
    const child = repository.artifacts.get(descriptor.digest)
    // In the storage still, but no longer an artifact of Harbor's (recording 136).
    if (child === undefined) throw notFound(`artifact ${repository.name}@${descriptor.digest} not found`)
    return { child, descriptor }
  })
  const referred = referencesOf(manifest)
  const config = manifest.config && registry.blobs.get(manifest.config.digest)
  const artifact: Artifact = {
    id: registry.ids.artifact.next(),
    repository,
    digest: blob.digest,
    manifest: blob,
    manifestMediaType: manifest.mediaType,
    ...describe(manifest, config),
    size: manifest.isIndex
      ? children.reduce((sum, { child }) => sum + child.size, blob.size)
      : referred.reduce((sum, { size }) => sum + size, blob.size),
    blobs: uniqueBlobs(registry, [blob.digest, ...referred.map(({ digest }) => digest)]),
    pushed: at,
    pulled: NEVER,
    tags: [],
    labels: [],
    references: [],
    parents: [],
    accessories: [],
    accessoryOf: null,
    scan: null,
  }
  artifact.references = children.map(({ child, descriptor }): Reference => {
    const reference: Reference = {
      parent: artifact,
      child,
      platform: descriptor.platform ?? null,
      annotations: descriptor.annotations ?? null,
      urls: descriptor.urls ?? null,
    }
    child.parents = [...child.parents, reference]
    return reference
  })
  addArtifact(registry, artifact, at)
  return artifact
}

export function addArtifact(registry: Registry, artifact: Artifact, at: number): void {
  const { repository } = artifact
  repository.artifacts.set(artifact.digest, artifact)
  registry.artifactCount += 1
  hold(repository.project, artifact.blobs, at)
}

function uniqueBlobs(registry: Registry, digests: readonly string[]): Blob[] {
  return [...new Set(digests)]
    .map((digest) => registry.blobs.get(digest))
    .filter((blob) => blob !== undefined)
}

/** Puts the tag on the artifact; from another one it moves, unless it is immutable. */
export function ensureTag(registry: Registry, artifact: Artifact, name: string, at: number): Tag {
  const { repository } = artifact
  const existing = repository.tags.get(name)
  if (existing === undefined) return createTag(registry, artifact, name, at)
  if (existing.artifact === artifact) return existing
  refuseImmutable(repository, [existing], 'updated')
  existing.artifact.tags = existing.artifact.tags.filter((tag) => tag !== existing)
  existing.artifact = artifact
  existing.pushed = at
  artifact.tags = [...artifact.tags, existing]
  return existing
}

export function createTag(registry: Registry, artifact: Artifact, name: string, at: number): Tag {
  const { repository } = artifact
  if (repository.tags.has(name)) {
    throw new HarborError('CONFLICT', `tag ${name} already exists under the repository ${repository.id}`)
  }
  const tag: Tag = { id: registry.ids.tag.next(), name, artifact, pushed: at, pulled: NEVER }
  repository.tags.set(name, tag)
  registry.tagCount += 1
  artifact.tags = [...artifact.tags, tag]
  touched(repository)
  return tag
}

/** Harbor learns a blob's type from the manifest, which makes the blob young again; all count for the project. */
function syncBlobs({ registry, project, manifest, at }: Arrival): void {
  for (const { digest, mediaType } of referencesOf(manifest)) {
    const blob = registry.blobs.get(digest)
    if (blob !== undefined) {
      if (blob.contentType !== mediaType) {
        blob.contentType = mediaType
        blob.updated = at
      }
      associate(project, blob, at)
    }
  }
}
