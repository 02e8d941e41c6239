// What is in a stand-in's registry, to compare with what was read of it.
import { Builder } from '../../stand-in/load/build.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import type { Registry } from '../../stand-in/state/registry.ts'

const DAY = 86_400_000
/** Long before anything that a grace could hold. */
export const LONG_AGO = Date.parse('2026-01-01T00:00:00Z')

export function daysLater(days: number): number {
  return LONG_AGO + days * DAY
}

/** Artifacts that lists have: all but accessories. */
export function listed(registry: Registry, repository: string): readonly Artifact[] {
  const artifacts = registry.findRepository(repository)?.artifacts.values() ?? []
  return [...artifacts].filter(({ accessoryOf }) => accessoryOf === null)
}

/** As many images as there are names, a day apart, each with its name for a tag. */
export function images(
  registry: Registry,
  repository: string,
  names: readonly string[],
): readonly Artifact[] {
  const builder = new Builder(registry)
  return names.map((name, index) =>
    builder.image(repository, { tags: [name], pushed: daysLater(index / 24), layers: [name] }),
  )
}

export function numbered(count: number, prefix = 't'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`)
}

/** Everything that a client could have changed, in words that can be compared. */
export function stateOf(registry: Registry): unknown {
  return {
    projects: [...registry.projects.values()].map(({ name, immutableRules, quota }) => ({
      name,
      rules: immutableRules.length,
      used: quota.used,
    })),
    repositories: [...registry.repositories()].map((repository) => ({
      name: repository.name,
      pulls: repository.pulls,
      artifacts: [...repository.artifacts.values()].map((artifact) => ({
        id: artifact.id,
        digest: artifact.digest,
        pushed: artifact.pushed,
        pulled: artifact.pulled,
        labels: artifact.labels.map(({ name }) => name),
        tags: artifact.tags.map(({ id, name, pushed, pulled }) => ({ id, name, pushed, pulled })),
        accessories: artifact.accessories.length,
      })),
    })),
    blobs: [...registry.blobs.values()].map(({ digest, updated }) => `${digest} ${updated}`),
    trash: registry.trash.length,
    executions: registry.executions.size,
  }
}
