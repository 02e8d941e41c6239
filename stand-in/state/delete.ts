// Deleting: an artifact goes with its tags, its accessories, and the children that nothing else holds, or not
// at all. First all that goes is worked out (and refused), then it goes: Harbor does it in one transaction.
import { recordAudit } from './audit.ts'
import { release } from './blobs.ts'
import { HarborError, notFound } from './error.ts'
import { refuseImmutable } from './immutable.ts'
import type { Artifact, Repository, Tag } from './model.ts'
import { type Registry, touched } from './registry.ts'
import { trashed } from './trash.ts'

export function deleteArtifact(registry: Registry, artifact: Artifact, by: string): void {
  const doomed = doomedWith(registry, artifact)
  const tags = artifact.tags.map(({ name }) => name).join(',')
  for (const one of doomed) remove(registry, one)
  touched(artifact.repository)
  recordAudit(registry, {
    operation: 'delete',
    resourceType: 'artifact',
    resource: `${artifact.repository.name}${tags === '' ? `@${artifact.digest}` : `:${tags}`}`,
    description: `delete artifact: ${artifact.repository.name}@${artifact.digest}`,
    user: by,
  })
}

/** In Harbor's order: accessories, then children, then the artifact (the trash of recording 163 shows it). */
function doomedWith(registry: Registry, root: Artifact): readonly Artifact[] {
  if (root.parents.length > 0) throw held('the deleting artifact is referenced by others')
  const doomed = new Set<Artifact>()
  const visit = (artifact: Artifact, isRoot: boolean): void => {
    if (doomed.has(artifact)) return
    const heldByOthers = artifact.parents.some(({ parent }) => !onTheWay.has(parent))
    if (!isRoot && (artifact.tags.length > 0 || heldByOthers)) return
    onTheWay.add(artifact)
    for (const accessory of artifact.accessories) {
      const isInIndex = accessory.artifact.parents.length > 0
      if (isInIndex && registry.version === '2.10.3') {
        throw held('the deleting artifact is referenced by others')
      }
      visit(accessory.artifact, !isInIndex)
    }
    for (const { child } of artifact.references) {
      visit(child, false)
      const subject = child.accessoryOf?.subject ?? null
      // Its row among the accessories refers to it, and goes only with its subject (0080_2.5.0_schema.up.sql).
      if (doomed.has(child) && subject !== null && !onTheWay.has(subject)) {
        throw held(`the artifact ${child.id} is referenced by other resources`)
      }
    }
    if (isRoot) refuseImmutable(artifact.repository, artifact.tags, 'deleted')
    doomed.add(artifact)
  }
  const onTheWay = new Set<Artifact>()
  visit(root, true)
  return [...doomed]
}

function held(message: string): HarborError {
  return new HarborError('VIOLATE_FOREIGN_KEY_CONSTRAINT', message)
}

function remove(registry: Registry, artifact: Artifact): void {
  const { repository } = artifact
  const now = registry.clock.now()
  for (const reference of artifact.references) {
    reference.child.parents = reference.child.parents.filter((parent) => parent !== reference)
  }
  for (const tag of artifact.tags) repository.tags.delete(tag.name)
  registry.tagCount -= artifact.tags.length
  forgetAccessory(artifact)
  repository.artifacts.delete(artifact.digest)
  registry.artifactCount -= 1
  release(repository.project, artifact.blobs, now)
  registry.trash.push(trashed(artifact, registry.ids.trash.next(), now))
}

function forgetAccessory(artifact: Artifact): void {
  const accessory = artifact.accessoryOf
  if (accessory === null) return
  const { subject, subjectDigest } = accessory
  const without = (list: readonly (typeof accessory)[]): (typeof accessory)[] =>
    list.filter((one) => one !== accessory)
  if (subject === null) {
    const { orphans } = artifact.repository
    orphans.set(subjectDigest, without(orphans.get(subjectDigest) ?? []))
  } else {
    subject.accessories = without(subject.accessories)
  }
}

/** Only from this very artifact: a tag that has moved on is not found (recording 114). */
export function deleteTag(registry: Registry, artifact: Artifact, name: string, by: string): void {
  const { repository } = artifact
  const tag = artifact.tags.find((one) => one.name === name)
  if (tag === undefined) throw notFound(`tag ${name} attached to artifact ${artifact.id} not found`)
  refuseImmutable(repository, [tag], 'deleted')
  dropTag(tag)
  registry.tagCount -= 1
  recordAudit(registry, {
    operation: 'delete',
    resourceType: 'tag',
    resource: `${repository.name}:${name}`,
    description: `delete tag: ${repository.name}:${name}`,
    user: by,
  })
}

function dropTag(tag: Tag): void {
  const { artifact } = tag
  artifact.repository.tags.delete(tag.name)
  artifact.tags = artifact.tags.filter((one) => one !== tag)
  touched(artifact.repository)
}

/** All or nothing: one immutable tag keeps the whole repository (recording 144). */
export function deleteRepository(registry: Registry, repository: Repository, by: string): void {
  const newestFirst = [...repository.artifacts.values()].toSorted(
    (a, b) => b.pushed - a.pushed || b.id - a.id,
  )
  for (const { tags } of newestFirst) refuseImmutable(repository, tags, 'deleted')
  while (repository.artifacts.size > 0) {
    for (const artifact of newestFirst.filter(standsAlone)) {
      for (const doomed of doomedWith(registry, artifact)) remove(registry, doomed)
    }
  }
  repository.project.repositories.delete(repository.name)
  touched(repository)
  recordAudit(registry, {
    operation: 'delete',
    resourceType: 'repository',
    resource: repository.name,
    description: `delete repository: ${repository.name}`,
    user: by,
  })
}

function standsAlone({ repository, digest, parents, accessoryOf }: Artifact): boolean {
  const isThere = repository.artifacts.has(digest)
  return isThere && parents.length === 0 && (accessoryOf?.subject ?? null) === null
}
