// What was deleted and awaits GC. Harbor keeps the digest, not the tags and not the manifest.
import type { Artifact } from './model.ts'
import type { Registry } from './registry.ts'

export interface TrashedArtifact {
  /** 0 for one that a dry run only imagines deleted. */
  readonly id: number
  readonly mediaType: string
  readonly manifestMediaType: string
  readonly repository: string
  readonly digest: string
  readonly time: number
}

export function trashed(artifact: Artifact, id: number, time: number): TrashedArtifact {
  const { mediaType, manifestMediaType, repository, digest } = artifact
  return { id, mediaType, manifestMediaType, repository: repository.name, digest, time }
}

/** What was pushed again since is no trash. */
export function liveTrash(registry: Registry): TrashedArtifact[] {
  return registry.trash.filter(({ repository, digest }) => !registry.findArtifact(repository, digest))
}
