import { cosignSubject } from './cosign.ts'
import type { Digest, Inventory, Repository } from './types.ts'

/** How a signature, SBOM or other referrer hangs on what it is about. */
export interface Hanging {
  readonly digest: Digest
  /** What it is about; null where that isn't known. */
  readonly subject: Digest | null
  /** Cosign's tags on it; null where its tags weren't read. */
  readonly tags: readonly string[] | null
}

/** Tells how accessories and attachments of an inventory hang on what they are about. */
export class Hangings {
  readonly #repositories: ReadonlyMap<string, Repository>
  readonly #known = new Map<string, ReadonlyMap<Digest, Hanging>>()

  constructor({ repositories }: Pick<Inventory, 'repositories'>) {
    this.#repositories = new Map(repositories.map((repository) => [repository.name, repository]))
  }

  of(repository: string, digests: readonly Digest[]): readonly Hanging[] {
    if (digests.length === 0) return []
    const known = this.#known.get(repository) ?? hangingIn(this.#repositories.get(repository))
    this.#known.set(repository, known)
    return digests.map((digest) => known.get(digest) ?? { digest, subject: null, tags: null })
  }
}

function hangingIn(repository: Repository | undefined): ReadonlyMap<Digest, Hanging> {
  const all = new Map<Digest, Hanging>()
  for (const { digest, tags, accessories } of repository?.artifacts ?? []) {
    for (const accessory of accessories ?? []) {
      const { subject, tags: onIt } = accessory
      all.set(accessory.digest, { digest: accessory.digest, subject, tags: onIt && cosignsIn(onIt) })
    }
    const attached = cosignsIn(tags)
    const subject = attached.map((tag) => cosignSubject(tag)).find((about) => about !== undefined)
    if (subject !== undefined) all.set(digest, { digest, subject, tags: attached })
  }
  return all
}

/** The names of the tags that are in cosign's scheme. */
export function cosignsIn(tags: readonly { readonly name: string }[]): readonly string[] {
  return tags.map(({ name }) => name).filter((name) => cosignSubject(name) !== undefined)
}
