import type { Manifest } from '../harbor/harbor.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'

/** A tag at the mirror that stands on another image, and may not be moved. */
export class TagTaken extends Error {
  override readonly name = 'TagTaken'

  /** @param tag with its repository and host */
  constructor(tag: string, on: Digest) {
    super(`${tag} is another image, ${on}; mirror.overwrite: always moves the tag`)
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
  readonly #moves: boolean

  constructor(registry: Registry, overwrite: 'never' | 'always' | 'fail') {
    this.#registry = registry
    this.#moves = overwrite === 'always'
  }

  /** @throws TagTaken where somebody put the tag on another image, a moment ago maybe; HarborError */
  async put(put: Put): Promise<void> {
    if (this.#moves || put.reference === put.digest) await this.#put(put)
    else await this.ensure(put)
  }

  /** The same, and nothing where it stands there already. */
  async ensure(put: Put): Promise<void> {
    const { repository, reference, digest } = put
    const standing = await this.#registry.digestOf(repository, reference)
    if (standing === digest) return
    if (standing !== undefined && !this.#moves) {
      throw new TagTaken(`${this.#registry.prefix}${repository}:${reference}`, standing)
    }
    await this.#put(put)
  }

  #put({ repository, reference, digest, manifest }: Put): Promise<void> {
    return this.#registry.putManifest(repository, reference, digest, manifest)
  }
}
