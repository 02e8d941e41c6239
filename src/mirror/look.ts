import { HarborError, Unreachable } from '../harbor/errors.ts'
import { isTransient } from '../harbor/retry.ts'
import type { Hanging } from '../inventory/hanging.ts'
import type { Digest } from '../inventory/types.ts'
import { isReferrersTag } from '../registry/digest.ts'
import type { Registry } from '../registry/registry.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { hungAt, Referrers, type Hung } from './hung.ts'

/** An image that would be copied. */
export interface Sought {
  readonly digest: Digest
  readonly tags: readonly string[]
  /** The target repository, with the mirror's host and prefix. */
  readonly target: string
  readonly hanging: readonly Hanging[]
}

/** What is at the mirror of an image, or why that isn't known. */
export type Found =
  | {
      /** What each of its tags stands on. */
      readonly tags: ReadonlyMap<string, Digest | null>
      readonly image: boolean
      /** How all that hangs on it stands there; looked for only where the image is. */
      readonly accessories: Hung
      /** Tags that stand on another image, and that a rule there doesn't let go, or that list referrers. */
      readonly immutable: readonly string[]
    }
  | { readonly why: string }

export interface Looking {
  readonly registry: Registry
  /** Images looked at side by side. */
  readonly width: number
  /** Whether the mirror keeps a tag where it is, as far as it says. */
  readonly isImmutable?: (target: string, tag: string) => Promise<boolean>
}

const NOT_KNOWN = (): Promise<boolean> => Promise.resolve(false)

/** So many tags are asked for one by one; for more a list tells first which of them are there. */
const FEW = 2

/**
 * Looks at what a mirror has of images: the tags of each target once, and what those that are there stand on. Changes
 * nothing, and rejects for mistakes of this program only: of what can't be read it says why.
 */
export async function lookAtMirror<Image extends Sought>(
  images: readonly Image[],
  looking: Looking,
): Promise<ReadonlyMap<Image, Found>> {
  const found = new Map<Image, Found>()
  const look = new MirrorLook(images, looking)
  await forEachOf(images, looking.width, async (image) => {
    found.set(image, await look.at(image))
  })
  return found
}

class MirrorLook {
  readonly #looking: Looking
  /** How many tags are looked for in each target. */
  readonly #wanted = new Map<string, number>()
  readonly #listings = new Map<string, Promise<ReadonlySet<string> | undefined>>()
  /** Why targets can't be read. */
  readonly #closed = new Map<string, string>()
  /** Why nothing can be read any more: a mirror that isn't there isn't asked again and again. */
  #lost: string | undefined

  constructor(images: readonly Sought[], looking: Looking) {
    this.#looking = looking
    for (const { target, tags } of images) {
      this.#wanted.set(target, (this.#wanted.get(target) ?? 0) + tags.length)
    }
  }

  async at(image: Sought): Promise<Found> {
    const { target } = image
    const { prefix } = this.#looking.registry
    if (!target.startsWith(prefix)) return { why: `${target} is not under ${prefix}` }
    const why = this.#lost ?? this.#closed.get(target)
    if (why !== undefined) return { why }
    try {
      return await this.#find(image, target.slice(prefix.length))
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      if (mayPass(error)) this.#lost ??= error.message
      this.#closed.set(target, error.message)
      return { why: error.message }
    }
  }

  async #find({ target, digest, tags, hanging }: Sought, repository: string): Promise<Found> {
    const { registry, isImmutable = NOT_KNOWN } = this.#looking
    const listing = this.#listings.get(target) ?? this.#list(target, repository)
    this.#listings.set(target, listing)
    const there = await listing
    const standing = new Map<string, Digest | null>()
    const immutable: string[] = []
    for (const tag of tags) {
      const isThere = there?.has(tag) ?? true
      const on = (isThere ? await registry.digestOf(repository, tag) : undefined) ?? null
      standing.set(tag, on)
      if (on === null || on === digest) continue
      if (isReferrersTag(tag) || (await isImmutable(target, tag))) immutable.push(tag)
    }
    const has = async (one: Digest): Promise<boolean> => (await registry.digestOf(repository, one)) === one
    const image = tags.length === 0 ? await has(digest) : [...standing.values()].includes(digest)
    const isLooked = image || hanging.length === 0
    const accessories = isLooked ? await hungAt(new Referrers(registry, repository), hanging) : 'missing'
    return { tags: standing, image, accessories, immutable }
  }

  /** The tags of a target; undefined where they aren't, or needn't be, listed. */
  async #list(target: string, repository: string): Promise<ReadonlySet<string> | undefined> {
    if ((this.#wanted.get(target) ?? 0) <= FEW) return undefined
    try {
      return new Set(await this.#looking.registry.tags(repository))
    } catch (error) {
      // Some registries let nobody list tags, and show each of them.
      if (!(error instanceof HarborError) || mayPass(error)) throw error
      return undefined
    }
  }
}

function mayPass(error: HarborError): boolean {
  return error instanceof Unreachable || isTransient(error.status)
}
