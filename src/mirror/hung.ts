import type { Hanging } from '../inventory/hanging.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { referringOf } from './children.ts'

/**
 * How all that hangs on an image stands at a mirror. `hangs`: under cosign's tags, and among the referrers of its subject;
 * `missing`: not all of it does; `taken`: one of these tags is another's.
 */
export type Hung = 'hangs' | 'missing' | 'taken'

/**
 * Looks how all that hangs on an image stands at a mirror.
 *
 * @param repository which is there
 * @throws HarborError
 */
export async function hungAt(
  registry: Registry,
  repository: string,
  hanging: readonly Hanging[],
): Promise<Hung> {
  const lists = new Map<Digest, ReadonlySet<Digest>>()
  const referrersOf = async (subject: Digest): Promise<ReadonlySet<Digest>> => {
    const known = lists.get(subject)
    if (known !== undefined) return known
    const listed = await registry.referrers(repository, subject, true)
    const list = new Set(listed.map(({ digest }) => digest))
    lists.set(subject, list)
    return list
  }
  const isListed = async (digest: Digest, subject: Digest): Promise<boolean> => {
    // A list that clients keep may name what isn't there any more.
    if ((await referrersOf(subject)).has(digest)) {
      return (await registry.digestOf(repository, digest)) === digest
    }
    // What names no subject is on no list.
    const manifest = await registry.manifest(repository, digest)
    return manifest !== undefined && referringOf(manifest.bytes.toString('utf8')) === undefined
  }
  let isMissing = false
  for (const { digest, subject, tags } of hanging) {
    for (const tag of tags ?? []) {
      const on = await registry.digestOf(repository, tag)
      if (on !== undefined && on !== digest) return 'taken'
      isMissing ||= on === undefined
    }
    isMissing ||= tags === null || subject === null
    if (!isMissing && tags?.length === 0 && subject !== null) isMissing = !(await isListed(digest, subject))
  }
  return isMissing ? 'missing' : 'hangs'
}
