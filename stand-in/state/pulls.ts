// A pull moves pull times and counts, a while later. Reads by Harbor's own client don't count, nor HEAD
// (measured, with `harbor-registry-client` as User-Agent).
import type { Artifact, Tag } from './model.ts'
import { type Registry, touched } from './registry.ts'

export const UNCOUNTED_CLIENT = 'harbor-registry-client'

export function recordPull(registry: Registry, artifact: Artifact, tagName: string | undefined): void {
  const at = registry.clock.now()
  const tag = tagName === undefined ? undefined : artifact.repository.tags.get(tagName)
  registry.clock.later(registry.clock.timings.pullFlush, () => {
    pulled(artifact, at)
    if (tag?.artifact === artifact) tag.pulled = Math.max(tag.pulled, at)
    // The index moves with its child, the index's tags don't: from 2.15 on.
    if (registry.version === '2.15.1') for (const { parent } of artifact.parents) pulled(parent, at)
    artifact.repository.pulls += 1
    artifact.repository.updated = registry.clock.now()
    touched(artifact.repository)
  })
}

function pulled(item: Artifact | Tag, at: number): void {
  const target = item
  target.pulled = Math.max(target.pulled, at)
}
