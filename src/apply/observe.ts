import { NotFound } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import type { Digest } from '../inventory/types.ts'

/** An artifact as Harbor has it at this moment, with what goes along with it. */
export interface Observed {
  readonly artifact: ArtifactAnswer
  /** Children that go with it, as far as they are there. */
  readonly children: readonly ArtifactAnswer[]
  /** What hangs on it and on these children, and what hangs on that. */
  readonly accessories: readonly ArtifactAnswer[]
}

const MOST_IN_ONE_LIST = 80
const DETAILS = { labels: true, accessories: true, immutability: false } as const

/**
 * Looks at an artifact, and at what would go with it: one list, and a request for every accessory.
 *
 * @returns undefined when Harbor says that it isn't there
 * @throws HarborError
 */
export async function observe(
  harbor: Harbor,
  repository: string,
  digest: Digest,
  children: readonly Digest[] = [],
): Promise<Observed | undefined> {
  const wanted = [digest, ...children]
  const listed = new Map<Digest, ArtifactAnswer>()
  for (let at = 0; at < wanted.length; at += MOST_IN_ONE_LIST) {
    const chunk = wanted.slice(at, at + MOST_IN_ONE_LIST)
    const answers = await harbor.artifactsOf(repository, chunk, DETAILS)
    for (const answer of answers) listed.set(answer.digest, answer)
  }
  // What no list has may still be there: an orphan's signature is.
  const artifact = listed.get(digest) ?? (await find(harbor, repository, digest))
  if (artifact === undefined) return undefined
  const found = children.flatMap((child) => listed.get(child) ?? [])
  return {
    artifact,
    children: found,
    accessories: await accessoriesOf(harbor, repository, [artifact, ...found]),
  }
}

async function accessoriesOf(
  harbor: Harbor,
  repository: string,
  subjects: readonly ArtifactAnswer[],
): Promise<readonly ArtifactAnswer[]> {
  const all = new Map<Digest, ArtifactAnswer>()
  for (let level = subjects; level.length > 0;) {
    const next: ArtifactAnswer[] = []
    for (const { digest } of level.flatMap(({ accessories }) => accessories ?? [])) {
      if (all.has(digest)) continue
      const accessory = await harbor.artifact(repository, digest, { labels: true })
      all.set(digest, accessory)
      next.push(accessory)
    }
    level = next
  }
  return [...all.values()]
}

async function find(harbor: Harbor, repository: string, digest: Digest): Promise<ArtifactAnswer | undefined> {
  try {
    return await harbor.artifact(repository, digest, { labels: true })
  } catch (error) {
    if (error instanceof NotFound) return undefined
    throw error
  }
}
