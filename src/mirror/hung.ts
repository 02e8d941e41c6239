import type { Hanging } from '../inventory/hanging.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { Once } from '../shared/once.ts'
import { referringOf } from './children.ts'

/**
 * How all that hangs on an image stands at a mirror. `hangs`: under cosign's tags, and among the referrers of its subject;
 * `missing`: not all of it does; `taken`: one of these tags is another's.
 */
export type Hung = 'hangs' | 'missing' | 'taken'

/** The lists of referrers of a repository at a mirror, which is there. Each is read once. */
export class Referrers {
  readonly registry: Registry
  readonly repository: string
  readonly #lists = new Once<ReadonlySet<Digest>>()

  constructor(registry: Registry, repository: string) {
    this.registry = registry
    this.repository = repository
  }

  /** @throws HarborError */
  of(subject: Digest): Promise<ReadonlySet<Digest>> {
    return this.#lists.of(subject, async () => {
      const listed = await this.registry.referrers(this.repository, subject, true)
      return new Set(listed.map(({ digest }) => digest))
    })
  }
}

/**
 * Looks how all that hangs on an image stands at a mirror.
 *
 * @throws HarborError
 */
export async function hungAt(referrers: Referrers, hanging: readonly Hanging[]): Promise<Hung> {
  const { registry, repository } = referrers
  const isListed = async (digest: Digest, subject: Digest): Promise<boolean> => {
    // A list that clients keep may name what isn't there any more.
    if ((await referrers.of(subject)).has(digest)) {
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
