import type { Manifest } from '../harbor/harbor.ts'
import type { Digest } from '../inventory/types.ts'
import { isReferrersTag } from '../registry/digest.ts'
import type { Registry } from '../registry/registry.ts'

/** A tag at the mirror that stands on another image, and may not be moved. */
export class TagTaken extends Error {
  override readonly name = 'TagTaken'

  /** @param tag with its repository and host */
  constructor(tag: string, on: Digest) {
    const name = tag.slice(tag.lastIndexOf(':') + 1)
    super(
      isReferrersTag(name)
        ? `${tag} is another list of signatures and other referrers, ${on}, which others may have added to; it is never replaced`
        : `${tag} is another image, ${on}; mirror.overwrite: always moves the tag`,
    )
  }
}

/** Where a manifest is to stand. */
export interface Put {
  readonly repository: string
  /** A tag, or the digest. */
  readonly reference: string
  readonly digest: Digest
  readonly manifest: Manifest
}

/** Puts manifests at a mirror, and takes no tag from another image that may not lose it. */
export class ManifestPuts {
  readonly #registry: Registry
  readonly #overwrites: boolean

  constructor(registry: Registry, overwrite: 'never' | 'always' | 'fail') {
    this.#registry = registry
    this.#overwrites = overwrite === 'always'
  }

  /** Whether a tag may be taken from another image. */
  moves(tag: string): boolean {
    return this.#overwrites && !isReferrersTag(tag)
  }

  /** @throws TagTaken where somebody put the tag on another image, a moment ago maybe; HarborError */
  async put(put: Put): Promise<void> {
    if (put.reference === put.digest || this.moves(put.reference)) await this.#put(put)
    else await this.ensure(put)
  }

  /** The same, and nothing where it stands there already. */
  async ensure(put: Put): Promise<void> {
    const { repository, reference, digest } = put
    const standing = await this.#registry.digestOf(repository, reference)
    if (standing === digest) return
    if (standing !== undefined && !this.moves(reference)) {
      throw new TagTaken(`${this.#registry.prefix}${repository}:${reference}`, standing)
    }
    await this.#put(put)
  }

  #put({ repository, reference, digest, manifest }: Put): Promise<void> {
    return this.#registry.putManifest(repository, reference, digest, manifest)
  }
}
