// Copying inside Harbor: the artifact with its children, accessories and tags, into another repository.
import type { Artifact } from './model.ts'
import { addArtifact, ensureTag } from './push.ts'
import { requestStorage } from './blobs.ts'
import { addAccessory } from './accessories.ts'
import { type Registry, touched } from './registry.ts'

export function copyArtifact(registry: Registry, source: Artifact, repositoryName: string): void {
  const repository = registry.ensureRepository(repositoryName)
  const missing = source.blobs.filter((blob) => !repository.project.blobs.has(blob))
  requestStorage(
    repository.project,
    missing.reduce((sum, { size }) => sum + size, 0),
  )
  const now = registry.clock.now()
  const copy = copyDeeply(registry, source, repositoryName, now)
  for (const { name } of source.tags) ensureTag(registry, copy, name, now)
  touched(repository)
}

function copyDeeply(registry: Registry, source: Artifact, repositoryName: string, at: number): Artifact {
  const repository = registry.ensureRepository(repositoryName)
  const existing = repository.artifacts.get(source.digest)
  if (existing !== undefined) return existing
  const children = source.references.map((reference) => ({
    reference,
    child: copyDeeply(registry, reference.child, repositoryName, at),
  }))
  const copy: Artifact = {
    ...source,
    id: registry.ids.artifact.next(),
    repository,
    pushed: at,
    tags: [],
    labels: [],
    references: [],
    parents: [],
    accessories: [],
    accessoryOf: null,
  }
  copy.references = children.map(({ reference, child }) => {
    const copied = { ...reference, parent: copy, child }
    child.parents = [...child.parents, copied]
    return copied
  })
  for (const blob of source.blobs) repository.blobs.add(blob)
  repository.manifests.set(source.digest, source.manifest)
  addArtifact(registry, copy, at)
  for (const { artifact, subjectDigest, type } of source.accessories) {
    const accessory = copyDeeply(registry, artifact, repositoryName, at)
    addAccessory(registry, accessory, { subjectDigest, type, at })
  }
  return copy
}
