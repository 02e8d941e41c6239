import type { Manifest } from '../harbor/harbor.ts'
import { cosignSubject } from '../inventory/cosign.ts'
import type { Digest } from '../inventory/types.ts'
import { isReferrersTag } from '../registry/digest.ts'
import type { Registry } from '../registry/registry.ts'

/** A tag at the mirror that stands on another image, and may not be moved. */
export class TagTaken extends Error {
  override readonly name = 'TagTaken'

  /** @param tag with its repository and host */
  constructor(tag: string, on: Digest) {
    super(`${tag} is ${othersWords(tag.slice(tag.lastIndexOf(':') + 1), on)}`)
  }
}

function othersWords(tag: string, on: Digest): string {
  if (isReferrersTag(tag)) {
    return `another list of signatures and other referrers, ${on}, which others may have added to; it is never replaced`
  }
  return cosignSubject(tag) === undefined
    ? `another image, ${on}; mirror.overwrite: always moves the tag`
    : `another signature, ${on}; copy the image to another repository (mirror.replace), or have mirror.overwrite: always take the tag from that one`
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
  /** What this run put under tags. */
  readonly #own = new Map<string, Digest>()

  constructor(registry: Registry, overwrite: 'never' | 'always' | 'fail') {
    this.#registry = registry
    this.#overwrites = overwrite === 'always'
  }

  /** Whether a tag may be taken from another image: not from one that has it since this run. */
  moves({ repository, reference, digest }: Omit<Put, 'manifest'>): boolean {
    const own = this.#own.get(`${repository}:${reference}`) ?? digest
    return this.#overwrites && own === digest && !isReferrersTag(reference)
  }

  /** @throws TagTaken where somebody put the tag on another image, a moment ago maybe; HarborError */
  async put(put: Put): Promise<void> {
    if (put.reference === put.digest || this.moves(put)) await this.#put(put)
    else await this.ensure(put)
  }

  /**
   * The same, and nothing where it stands there already.
   *
   * @returns whether it was put
   */
  async ensure(put: Put): Promise<boolean> {
    const { repository, reference, digest } = put
    const standing = await this.#registry.digestOf(repository, reference)
    if (standing === digest) return false
    if (standing !== undefined && !this.moves(put)) {
      throw new TagTaken(`${this.#registry.prefix}${repository}:${reference}`, standing)
    }
    await this.#put(put)
    return true
  }

  #put({ repository, reference, digest, manifest }: Put): Promise<void> {
    this.#own.set(`${repository}:${reference}`, digest)
    return this.#registry.putManifest(repository, reference, digest, manifest)
  }
}
