import { CHECKABLE } from '../harbor/digest.ts'
import { HarborError, Unreachable } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import { cosignsIn, type Hanging } from '../inventory/hanging.ts'
import type { Digest } from '../inventory/types.ts'
import { Once } from '../shared/once.ts'
import { ByHand } from './by-hand.ts'
import { childrenOf, referringOf } from './children.ts'
import { BySkopeo, type SkopeoOptions } from './by-skopeo.ts'
import { CopyFailed } from './copy-failed.ts'
import { hungAt, Referrers } from './hung.ts'
import { lookAtMirror } from './look.ts'
import { From } from './from.ts'
import { ManifestPuts, TagTaken } from './manifest-puts.ts'
import { OwnPlaces } from './own-places.ts'
import { Sent, type How } from './sent.ts'
import { missingIn } from './target.ts'

/** An image to copy, and where to. */
export interface Image {
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  /** The target repository, with the mirror's host and prefix. */
  readonly target: string
  /** Its accessories, and what cosign attached to it. */
  readonly hanging: readonly Hanging[]
  /** Whether it is deleted from Harbor afterwards: then all of it is looked for at the mirror. */
  readonly archived?: boolean
}

interface Wanted {
  readonly digest: Digest
  /** What it may be put under: its digest, or a tag. */
  readonly reference: string
}

export interface Copied {
  readonly outcome: 'done' | 'skipped' | 'failed'
  readonly why: string
  /** Whether it failed since nobody was there. */
  readonly unreachable?: boolean
  readonly sent: { readonly how: How; readonly bytes: number; readonly seconds: number }
}

/** What tags stand on; null where they are not there. */
type Standing = ReadonlyMap<string, Digest | null>

type Ended = Omit<Copied, 'sent'>

export interface MirrorOptions extends SkopeoOptions {
  readonly harbor: Harbor
  readonly overwrite: 'never' | 'always' | 'fail'
  readonly verify: 'digest' | 'deep'
  /** Images looked at side by side. */
  readonly width: number
}

/**
 * Copies images to a mirror, each with its children and all that hangs on it, and makes sure that they are there. Only
 * what isn't there is copied; the tags go last.
 */
export class Mirror {
  readonly #options: MirrorOptions
  /** Under way or done, by repository and digest at the mirror. */
  readonly #copies = new Once<string>()
  /** Seen at the mirror, by repository and digest. */
  readonly #seen = new Set<string>()

  /** What was found before they are copied. */
  readonly #known = new Map<string, Standing>()
  /** Under way. */
  readonly #sending = new Set<Sent>()
  /** Bytes of those that ended. */
  #bytes = 0
  readonly #byHand: ByHand
  readonly #bySkopeo: BySkopeo
  readonly #puts: ManifestPuts
  readonly #places: OwnPlaces

  constructor(options: MirrorOptions) {
    this.#options = options
    this.#places = new OwnPlaces(options.harbor, options.registry)
    this.#puts = new ManifestPuts(options.registry, options.overwrite)
    this.#byHand = new ByHand(options.harbor, options.registry, this.#puts)
    this.#bySkopeo = new BySkopeo(options)
  }

  /** Never rejects but for mistakes of this program: what is wrong is said. */
  async copy(image: Image): Promise<Copied> {
    const began = performance.now()
    const sent = new Sent()
    this.#sending.add(sent)
    const ended = await this.#copy(image, sent)
    this.#sending.delete(sent)
    this.#bytes += sent.bytes
    const seconds = Number(((performance.now() - began) / 1000).toFixed(3))
    return { ...ended, sent: { how: sent.how, bytes: sent.bytes, seconds } }
  }

  /**
   * Looks at many images at once, for their copies to know what their tags stand on. What can't be read, they look at
   * themselves.
   */
  async prepare(images: readonly Omit<Image, 'hanging'>[]): Promise<void> {
    const { registry, width } = this.#options
    const tagged = images.filter(({ tags }) => tags.length > 0)
    const sought = tagged.map((image) => ({ ...image, hanging: [] }))
    const found = await lookAtMirror(sought, { registry, width })
    for (const [image, standing] of found) {
      if ('tags' in standing) this.#known.set(nameOf(image), standing.tags)
    }
  }

  /** Bytes sent by all copies so far. */
  get bytes(): number {
    const sending = [...this.#sending].reduce((sum, { bytes }) => sum + bytes, 0)
    return this.#bytes + sending + this.#bySkopeo.bytes
  }

  async #copy(image: Image, sent: Sent): Promise<Ended> {
    const { prefix } = this.#options.registry
    if (!image.target.startsWith(prefix)) {
      return failed(`the plan copies it to ${image.target}, and mirror-registry is ${prefix}`)
    }
    const odd = [image.digest, ...image.hanging.map((each) => each.digest)].find(
      (digest) => !CHECKABLE.test(digest),
    )
    if (odd !== undefined) return failed(`${odd} is of a kind that can't be checked, and isn't copied`)
    const repository = image.target.slice(prefix.length)
    try {
      const standing = await this.#standing(repository, image)
      if (await this.#isThere(image, repository, standing)) return { outcome: 'done', why: '' }
      this.#refuseTaken(image, repository, standing)
      if (image.archived === true) {
        const alien = await this.#places.wrongWith(image.repository, repository)
        if (alien !== '') return failed(alien)
      }
      const from = new From(this.#options.harbor, image.repository, sent)
      await this.#bring(image, repository, { standing, from })
      const wrong =
        (await this.#wrongAbout(image, repository)) || (await this.#complete(image, repository, from))
      return wrong === '' ? { outcome: 'done', why: '' } : failed(`not verified at ${image.target}: ${wrong}`)
    } catch (error) {
      if (error instanceof TagTaken) {
        return { outcome: this.#options.overwrite === 'fail' ? 'failed' : 'skipped', why: error.message }
      }
      if (error instanceof HarborError || error instanceof CopyFailed) {
        return { ...failed(error.message), unreachable: error instanceof Unreachable }
      }
      throw error
    }
  }

  /** What each of its tags stands on at the mirror; what was found out before counts once. */
  async #standing(repository: string, image: Image): Promise<Standing> {
    const known = this.#known.get(nameOf(image))
    this.#known.delete(nameOf(image))
    if (known !== undefined) return known
    const { tags } = image
    const standing = new Map<string, Digest | null>()
    for (const tag of tags) {
      standing.set(tag, (await this.#options.registry.digestOf(repository, tag)) ?? null)
    }
    return standing
  }

  /** A tag says that its image is there, whole; what hangs on it is looked at. */
  async #isThere(image: Image, repository: string, standing: Standing): Promise<boolean> {
    const { tags, digest, hanging } = image
    const isSame = tags.length > 0 && tags.every((tag) => standing.get(tag) === digest)
    if (!isSame || this.#isDeep(image)) return false
    const referrers = new Referrers(this.#options.registry, repository)
    return (await hungAt(referrers, hanging)) === 'hangs'
  }

  #isDeep({ archived = false }: Image): boolean {
    return archived || this.#options.verify === 'deep'
  }

  /** @throws TagTaken before anything is copied where a tag of it may not be moved */
  #refuseTaken({ tags, digest, target }: Image, repository: string, standing: Standing): void {
    for (const tag of tags) {
      const on = standing.get(tag) ?? digest
      if (on !== digest && !this.#puts.moves({ repository, reference: tag, digest })) {
        throw new TagTaken(`${target}:${tag}`, on)
      }
    }
  }

  /** The image by its digest, then what hangs on it, then its tags. */
  async #bring(
    image: Image,
    repository: string,
    { standing, from }: { readonly standing: Standing; readonly from: From },
  ): Promise<void> {
    const { digest, hanging } = image
    const missing = image.tags.filter((tag) => standing.get(tag) !== digest)
    // With nothing to wait for, its first tag can be put at once.
    const [first = digest] = hanging.length === 0 ? missing : []
    const put = await this.#ensure(from, repository, { digest, reference: first })
    for (const each of hanging) {
      await this.#ensure(from, repository, { digest: each.digest, reference: each.digest })
      await this.#attach(from, repository, each)
    }
    const rest = missing.filter((tag) => tag !== put)
    if (rest.length === 0) return
    const manifest = await from.manifest(digest)
    for (const tag of rest) {
      await this.#puts.put({ repository, reference: tag, digest, manifest })
      from.sent.add('tags', manifest.bytes.length)
    }
  }

  /**
   * Copies a manifest and all that is in it, once, unless it is there.
   *
   * @returns the reference that it was put under; the digest where it was there
   */
  #ensure(from: From, repository: string, wanted: Wanted): Promise<string> {
    return this.#copies.of(`${repository}@${wanted.digest}`, () =>
      this.#copyMissing(from, repository, wanted),
    )
  }

  async #copyMissing(from: From, repository: string, wanted: Wanted): Promise<string> {
    const { digest } = wanted
    if ((await this.#options.registry.digestOf(repository, digest)) === digest) return digest
    return this.#put(from, repository, wanted)
  }

  /** Puts a manifest, and what it names and isn't there. */
  async #put(from: From, repository: string, { digest, reference }: Wanted): Promise<string> {
    const { source, sent } = from
    const manifest = await from.manifest(digest)
    for (const child of childrenOf(manifest.bytes.toString('utf8'))) {
      await this.#ensure(from, repository, { digest: child, reference: child })
    }
    if (await this.#byHand.bring(source, repository, { digest, reference, manifest, sent })) return reference
    await this.#bySkopeo.bring(source, repository, { digest, manifest, sent })
    return digest
  }

  /** An accessory's cosign tag, or its place among the referrers of a registry that doesn't keep them itself. */
  async #attach(from: From, repository: string, { digest, tags }: Hanging): Promise<void> {
    const { registry } = this.#options
    const manifest = await from.manifest(digest)
    for (const tag of tags ?? (await this.#cosignsOn(from.source, digest))) {
      const isNew = await this.#puts.ensure({ repository, reference: tag, digest, manifest })
      if (isNew) from.sent.add('tags', manifest.bytes.length)
    }
    const referring = referringOf(manifest.bytes.toString('utf8'))
    if (referring === undefined) return
    const { subject, artifactType, annotations } = referring
    const { mediaType, bytes } = manifest
    const descriptor = { mediaType, digest, size: bytes.length, artifactType, annotations }
    if (await registry.addReferrers(repository, subject, [descriptor])) {
      from.sent.add('tags', JSON.stringify(descriptor).length)
    }
  }

  async #cosignsOn(source: string, digest: Digest): Promise<readonly string[]> {
    const { tags } = await this.#options.harbor.artifact(source, digest)
    return cosignsIn(tags)
  }

  /** What isn't as it should be at the mirror; empty when all is. */
  async #wrongAbout({ digest, tags, hanging }: Image, repository: string): Promise<string> {
    const { registry } = this.#options
    for (const reference of tags.length > 0 ? tags : [digest]) {
      const standing = await registry.digestOf(repository, reference)
      if (standing !== digest) return `${reference} is ${standing ?? 'not there'}`
    }
    const referrers = new Referrers(registry, repository)
    for (const each of hanging) {
      const hung = await hungAt(referrers, [each])
      if (hung !== 'hangs') return `${each.digest} ${WRONG[hung]}`
    }
    return ''
  }

  /**
   * Looks for every part of an image, and brings those that were lost at the mirror since it was copied.
   *
   * @returns what isn't there all the same; empty when all is, or where nobody wants to know
   */
  async #complete(image: Image, repository: string, from: From): Promise<string> {
    if (!this.#isDeep(image)) return ''
    const { registry, harbor } = this.#options
    const brought = new Set<Digest>()
    const isInHarbor = (blob: Digest): Promise<boolean> => harbor.hasBlob(image.repository, blob)
    const checking = { registry, repository, isInHarbor, seen: this.#seen }
    for (const each of [image.digest, ...image.hanging.map(({ digest }) => digest)]) {
      for (;;) {
        const missing = await missingIn(checking, each)
        if (missing === undefined) break
        const { of, what } = missing
        if (brought.has(of)) return what
        brought.add(of)
        await this.#put(from, repository, { digest: of, reference: of })
      }
    }
    return ''
  }
}

const WRONG = {
  missing: 'is not there, or does not hang on its image',
  taken: "is there without the tag that makes it the image's",
} as const

/** Several repositories may be copied to one, the same image under other tags. */
function nameOf({ repository, target, digest }: Pick<Image, 'repository' | 'target' | 'digest'>): string {
  return `${repository} ${target}@${digest}`
}

function failed(why: string): Ended {
  return { outcome: 'failed', why }
}
