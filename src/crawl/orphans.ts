import type { Details, Harbor } from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import { cosignSubject } from '../inventory/cosign.ts'
import type { Artifact, Digest } from '../inventory/types.ts'

/** Cosign tags whose subject is gone. */
export interface Orphans {
  readonly absent: ReadonlySet<Digest>
  /** Orphans that no list of artifacts has: `.sig` ones, which only `/v2` lists (Harbor v2.15.1). */
  readonly hidden: readonly ArtifactAnswer[]
}

/**
 * Finds a repository's orphans. A subject that isn't listed may be an accessory, which no list has either: only
 * Harbor's 404 on the subject itself says that it is gone.
 */
export async function findOrphans(
  harbor: Harbor,
  repository: string,
  artifacts: readonly Artifact[],
  details: Pick<Details, 'labels'>,
): Promise<Orphans> {
  const listed = new Set(artifacts.flatMap(({ tags }) => tags.map(({ name }) => name)))
  const digests = new Set(artifacts.map(({ digest }) => digest))
  const absent = new Set<Digest>()
  const hidden: ArtifactAnswer[] = []
  for (const tag of new Set([...listed, ...(await harbor.allTags(repository))])) {
    const subject = cosignSubject(tag)
    if (subject === undefined || digests.has(subject)) continue
    if ((await harbor.findArtifact(repository, subject, details)) !== undefined) digests.add(subject)
    else {
      absent.add(subject)
      const orphan = listed.has(tag) ? undefined : await harbor.findArtifact(repository, tag, details)
      if (orphan !== undefined) hidden.push(orphan)
    }
  }
  return { absent, hidden }
}
