import type { Artifact, Tag } from './types.ts'

/**
 * A tag that moved while the repository was read can be listed with both artifacts. It stands on the one that it came
 * to last.
 */
export function settleMovedTags(artifacts: readonly Artifact[]): readonly Artifact[] {
  const latest = new Map<string, Tag>()
  let moved = false
  for (const { tags } of artifacts) {
    for (const tag of tags) {
      const other = latest.get(tag.name)
      moved ||= other !== undefined
      if (other === undefined || tag.pushed >= other.pushed) latest.set(tag.name, tag)
    }
  }
  if (!moved) return artifacts
  return artifacts.map((artifact) => {
    const tags = artifact.tags.filter((tag) => latest.get(tag.name) === tag)
    return tags.length === artifact.tags.length ? artifact : { ...artifact, tags }
  })
}
