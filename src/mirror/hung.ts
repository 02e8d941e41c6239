import type { Hanging } from '../inventory/hanging.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { referringOf } from './children.ts'

/**
 * Looks whether all that hangs on an image is at a mirror, and hangs there: under cosign's tags, or among the referrers
 * of its subject.
 *
 * @param repository which is there
 * @throws HarborError
 */
export async function allHang(
  registry: Registry,
  repository: string,
  hanging: readonly Hanging[],
): Promise<boolean> {
  const lists = new Map<Digest, ReadonlySet<Digest>>()
  const referrersOf = async (subject: Digest): Promise<ReadonlySet<Digest>> => {
    const known = lists.get(subject)
    if (known !== undefined) return known
    const listed = await registry.referrers(repository, subject, true)
    const list = new Set(listed.map(({ digest }) => digest))
    lists.set(subject, list)
    return list
  }
  for (const { digest, subject, tags } of hanging) {
    if (tags === null || subject === null) return false
    for (const tag of tags) if ((await registry.digestOf(repository, tag)) !== digest) return false
    if (tags.length > 0 || (await referrersOf(subject)).has(digest)) continue
    // What names no subject is on no list.
    const manifest = await registry.manifest(repository, digest)
    if (manifest === undefined || referringOf(manifest.bytes.toString('utf8')) !== undefined) return false
  }
  return true
}
