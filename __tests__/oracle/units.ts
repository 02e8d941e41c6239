import type { Artifact, Digest, Repository, Tag } from '../../src/inventory/types.ts'
import type { Instant } from '../../src/shared/instant.ts'

/** What is decided one by one. */
export interface OracleUnit {
  readonly repository: Repository
  readonly artifact: Artifact
  readonly tag: Tag | null
  readonly family: 'tags' | 'untagged' | 'orphans'
}

/** A name that is the same for the same unit wherever it comes from. */
export function unitKey(repository: string, digest: Digest, tag: string | null): string {
  return `${repository}@${digest}${tag === null ? '' : `:${tag}`}`
}

/**
 * "Units are tags, and artifacts without a tag (an index's children and accessories without a tag of their own are
 * neither: they belong to theirs)."
 *
 * "Cosign's `sha256-<hex>.sig|att|sbom` tags are never units of their own: they share their subject's fate, and if
 * the subject no longer exists they are orphans, a family of their own."
 */
export function unitsOf(repository: Repository): OracleUnit[] {
  return repository.artifacts.flatMap((artifact): OracleUnit[] => {
    if (artifact.tags.length === 0) {
      if (parentsOf(repository, artifact.digest).length > 0) return []
      return [{ repository, artifact, tag: null, family: 'untagged' }]
    }
    return artifact.tags.flatMap((tag): OracleUnit[] => {
      const subject = subjectOf(tag.name)
      if (subject === undefined) return [{ repository, artifact, tag, family: 'tags' }]
      // Whether the subject exists has to be known: "what isn't known decides for keeping".
      if (subjectExists(repository, subject) || !repository.absent.has(subject)) return []
      return [{ repository, artifact, tag, family: 'orphans' }]
    })
  })
}

/** The digest that a tag in cosign's scheme is about; undefined for any other tag. */
export function subjectOf(tag: string): Digest | undefined {
  const [, hex] = /^sha256-([0-9a-f]{64})\.(?:sig|att|sbom)$/.exec(tag) ?? []
  return hex === undefined ? undefined : `sha256:${hex}`
}

/** The artifact whose fate a cosign tag's subject shares: itself, or what the subject is an accessory of. */
export function subjectArtifact(repository: Repository, subject: Digest): Artifact | undefined {
  return repository.artifacts.find(
    ({ digest, accessories }) =>
      digest === subject || (accessories ?? []).some((accessory) => accessory.digest === subject),
  )
}

function subjectExists(repository: Repository, subject: Digest): boolean {
  return subjectArtifact(repository, subject) !== undefined
}

/** The indexes of a repository that hold a digest. */
export function parentsOf(repository: Repository, digest: Digest): Artifact[] {
  return repository.artifacts.filter(({ children }) => children.includes(digest))
}

/** Whether an accessory that is an index holds it: Harbor deletes nothing that an index holds. */
export function isInAccessory({ artifacts }: Repository, digest: Digest): boolean {
  return artifacts.some(({ accessories }) =>
    (accessories ?? []).some(({ children }) => children?.includes(digest) === true),
  )
}

/** "A tag was pushed when its artifact was or when it came to stand on it, whichever is later." */
export function pushedAt({ artifact, tag }: OracleUnit): Instant {
  return Math.max(artifact.pushed, tag?.pushed ?? artifact.pushed)
}

/** The last pull, by its tag or by digest; null: never. */
export function pulledAt({ artifact, tag }: OracleUnit): Instant | null {
  const pulls = [artifact.pulled, tag?.pulled ?? null].filter((pull) => pull !== null)
  return pulls.length === 0 ? null : Math.max(...pulls)
}

/** "Never pulled counts from the push": what was pulled only before a tag came to stand on it, never was as that tag. */
export function usedAt(unit: OracleUnit): Instant {
  return Math.max(pulledAt(unit) ?? 0, pushedAt(unit))
}

/** "Build times before 1981 count as unknown": the inventory has them as null already. */
export function builtAt({ artifact }: OracleUnit): Instant | undefined {
  return artifact.created ?? undefined
}
