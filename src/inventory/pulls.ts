import type { Instant } from '../shared/instant.ts'
import type { Artifact, Digest } from './types.ts'

/**
 * Counts a pull of a child for its index, through indexes in indexes. Before 2.16 Harbor itself does so only for some
 * pulls (goharbor/harbor#22390), and clients that pull a platform by digest never touch the index.
 */
export function rollUpPulls(artifacts: readonly Artifact[]): readonly Artifact[] {
  const indexes = artifacts.filter(({ children }) => children.length > 0)
  if (indexes.length === 0) return artifacts
  const wanted = new Set(indexes.flatMap(({ children }) => children))
  const children = new Map<Digest, Artifact>()
  for (const artifact of artifacts) if (wanted.has(artifact.digest)) children.set(artifact.digest, artifact)

  const lastPull = (artifact: Artifact): Instant | null =>
    artifact.children.reduce((latest: Instant | null, digest) => {
      const child = children.get(digest)
      const pulled = child === undefined ? null : lastPull(child)
      return pulled !== null && (latest === null || pulled > latest) ? pulled : latest
    }, artifact.pulled)
  return artifacts.map((artifact) =>
    artifact.children.length === 0 ? artifact : { ...artifact, pulled: lastPull(artifact) },
  )
}
