import type { Harbor } from '../harbor/harbor.ts'
import type { ArtifactAnswer } from '../harbor/schemas.ts'
import type { Digest } from '../inventory/types.ts'

/** An artifact as Harbor has it at this moment, with what goes along with it. */
export interface Observed {
  readonly artifact: ArtifactAnswer
  /** Children that go with it, as far as they are there. */
  readonly children: readonly ArtifactAnswer[]
  /** What hangs on it and on these children, and what hangs on that, as far as it was looked for and is there. */
  readonly accessories: readonly ArtifactAnswer[]
}

/** What to look at. */
export interface Looked {
  readonly digest: Digest
  readonly children: readonly Digest[]
  readonly accessories: readonly Digest[]
}

const MOST_IN_ONE_LIST = 80
const LABELS = { labels: true } as const
const DETAILS = { labels: true, accessories: true, immutability: false } as const

/**
 * Looks at an artifact, and at what would go with it: a request for every accessory, which no list has, and then one
 * list, so that what it says of the artifact is as new as can be.
 *
 * @returns undefined when Harbor says that it isn't there
 * @throws HarborError
 */
export async function observe(
  harbor: Harbor,
  repository: string,
  { digest, children, accessories }: Looked,
): Promise<Observed | undefined> {
  const hanging: ArtifactAnswer[] = []
  for (const accessory of accessories) {
    const answer = await harbor.findArtifact(repository, accessory, LABELS)
    if (answer !== undefined) hanging.push(answer)
  }
  const wanted = [...children, digest]
  const listed = new Map<Digest, ArtifactAnswer>()
  for (let at = 0; at < wanted.length; at += MOST_IN_ONE_LIST) {
    const chunk = wanted.slice(at, at + MOST_IN_ONE_LIST)
    const answers = await harbor.artifactsOf(repository, chunk, DETAILS)
    for (const answer of answers) listed.set(answer.digest, answer)
  }
  // What no list has may still be there: an orphan's signature is.
  const artifact = listed.get(digest) ?? (await harbor.findArtifact(repository, digest, LABELS))
  if (artifact === undefined) return undefined
  return { artifact, children: children.flatMap((child) => listed.get(child) ?? []), accessories: hanging }
}
