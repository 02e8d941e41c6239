import type { Harbor } from '../harbor/harbor.ts'
import { accessoriesOf } from '../inventory/artifact.ts'
import type { Accessory, Digest, Repository } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'

/**
 * The repository with the accessories of accessories among those of each artifact. Lists have an artifact's own only,
 * and the others are in no list at all (Harbor v2.15.1).
 *
 * @param width requests side by side
 */
export async function withNestedAccessories(
  harbor: Harbor,
  repository: Repository,
  width: number,
): Promise<Repository> {
  const all = new Map<Digest, Accessory>()
  let level = repository.artifacts.flatMap(({ accessories }) => accessories ?? [])
  const nested = new Map<Digest, readonly Accessory[]>()
  while (level.length > 0) {
    const next: Accessory[] = []
    await forEachOf(level, width, async (accessory) => {
      if (all.has(accessory.digest)) return
      all.set(accessory.digest, accessory)
      const below = await accessoriesBelow(harbor, repository.name, accessory.digest)
      nested.set(accessory.digest, below)
      next.push(...below)
    })
    level = next
  }
  if ([...nested.values()].every((below) => below.length === 0)) return repository
  const closure = (accessory: Accessory): readonly Accessory[] => [
    accessory,
    ...(nested.get(accessory.digest) ?? []).flatMap((below) => closure(below)),
  ]
  const artifacts = repository.artifacts.map((artifact) => ({
    ...artifact,
    accessories: artifact.accessories?.flatMap((accessory) => closure(accessory)) ?? null,
  }))
  return { ...repository, artifacts }
}

/** None of one that went meanwhile. */
async function accessoriesBelow(
  harbor: Harbor,
  repository: string,
  digest: Digest,
): Promise<readonly Accessory[]> {
  const answer = await harbor.findArtifact(repository, digest)
  return answer === undefined ? [] : accessoriesOf(answer, { tellsSignatures: true })
}
