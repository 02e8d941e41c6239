import { decode } from '../harbor/decode.ts'
import { sha256Of } from '../harbor/digest.ts'
import { BadRequest, HarborError, MethodNotAllowed, NotFound, UnexpectedAnswer } from '../harbor/errors.ts'
import type { Manifest } from '../harbor/harbor.ts'
import type { HttpOptions } from '../harbor/http.ts'
import * as blobs from './blobs.ts'
import { Client } from './client.ts'
import { referrersTag } from './digest.ts'
import { digestOf, getManifest, putManifest, type StoredManifest } from './manifests.ts'
import { OneByOne } from './one-by-one.ts'
import { readPages } from './pages.ts'
import { placeOf, type Place } from './place.ts'
import { INDEX, referrersIn, withReferrers, type Descriptor } from './referrers.ts'
import { referrersIndex, tagList } from './schemas.ts'
import { pullOf } from './scope.ts'

/** Tags in one answer. */
const PAGE_SIZE = 1000
/** So often an index of referrers is written that others write at the same time. */
const MOST_WRITES = 5

/**
 * Any registry that images are copied to, by the OCI distribution specification 1.1; a Harbor is one too. Repositories
 * are named as they are under the path of `mirror-registry`. Every method throws HarborError.
 */
export class Registry {
  readonly #client: Client
  readonly #place: Place
  readonly #writes = new OneByOne()
  /** Whether it keeps referrers itself, as far as it is known. */
  #keepsReferrers: boolean | undefined

  constructor(options: HttpOptions) {
    this.#client = new Client(options)
    this.#place = placeOf(options.url)
  }

  /** Host and path in front of the names of repositories, with a slash at the end: `mirror.example/backup/`. */
  get prefix(): string {
    return this.#place.prefix
  }

  /**
   * Makes sure that this is a registry, and that it takes the credentials (`GET /v2/`, OCI distribution specification
   * 1.1, "Determining Support"). One that lets anybody read may only look at them when something is pushed.
   */
  async probe(): Promise<void> {
    const { name, inputs } = this.#client.party
    try {
      await this.#client.ask({ method: 'GET', path: '/v2/', scopes: [] }, (answer) => {
        if (!String(answer.headers['content-type']).includes('html')) return
        const message = `answered with an HTML page; is ${inputs.url} the address of ${name} itself?`
        throw new UnexpectedAnswer('NOT_REGISTRY', message, answer.exchange)
      })
    } catch (error) {
      if (!(error instanceof NotFound) && !(error instanceof BadRequest)) throw error
      const message = `there is no registry here (answered ${error.status}); check scheme, host and port of ${inputs.url}: its path only goes in front of the names of repositories`
      throw new UnexpectedAnswer('NOT_REGISTRY', message, error, { cause: error })
    }
  }

  /** Every tag of a repository, in order; none of one that isn't there. */
  async tags(repository: string): Promise<readonly string[]> {
    const name = this.#place.nameOf(repository)
    const path = `/v2/${name}/tags/list`
    const all = new Set<string>()
    try {
      await readPages(this.#client, { path, query: `?n=${PAGE_SIZE}`, scopes: pullOf(name) }, (answer) => {
        const { tags } = decode(answer, tagList, this.#client.party)
        const before = all.size
        for (const tag of tags) all.add(tag)
        // A full page that says nothing of a next one: it may be the last one, or the registry may not say.
        const goesOn = tags.length >= PAGE_SIZE && all.size > before
        return goesOn
          ? { path, query: `?n=${PAGE_SIZE}&last=${encodeURIComponent(tags.at(-1) ?? '')}` }
          : undefined
      })
    } catch (error) {
      if (!(error instanceof NotFound)) throw error
    }
    return [...all].toSorted()
  }

  /** The digest of what a tag stands on, or of a manifest; undefined where there is none. */
  digestOf(repository: string, reference: string): Promise<string | undefined> {
    return digestOf(this.#client, this.#place.nameOf(repository), reference)
  }

  /** A manifest by its tag or digest, its bytes checked against its digest; undefined where there is none. */
  manifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    return getManifest(this.#client, this.#place.nameOf(repository), reference)
  }

  /**
   * Puts a manifest under a tag or its digest; what it references has to be there. Nothing is wrong where it was there
   * already.
   */
  putManifest(repository: string, reference: string, digest: string, manifest: Manifest): Promise<void> {
    return putManifest(this.#client, this.#place.nameOf(repository), reference, { ...manifest, digest })
  }

  /** @param size bytes that it has to have, as far as the registry says how many there are */
  hasBlob(repository: string, digest: string, size?: number): Promise<boolean> {
    return blobs.hasBlob(this.#client, this.#place.nameOf(repository), digest, size)
  }

  /** Begins to read a blob, asking once. */
  openBlob(
    repository: string,
    digest: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<blobs.ComingBlob> {
    return blobs.openBlob(this.#client, this.#place.nameOf(repository), digest, headers)
  }

  /** Has the registry take a blob over from another of its repositories; says whether it did. */
  mountBlob(repository: string, digest: string, from: string): Promise<boolean> {
    const { nameOf } = this.#place
    return blobs.mountBlob(this.#client, nameOf(repository), digest, nameOf(from))
  }

  /** Uploads a blob in one request: for small ones. */
  uploadBlob(repository: string, digest: string, bytes: Buffer): Promise<void> {
    return blobs.uploadBlob(this.#client, this.#place.nameOf(repository), digest, bytes)
  }

  /**
   * The manifests that have this one for their `subject`: of the registry, or, where it doesn't keep them itself, of the
   * tag `sha256-<hex>` under which clients do (OCI distribution specification 1.1, "Listing Referrers", "Unavailable
   * Referrers API").
   *
   * @param isThere whether the repository is there for sure: of one that isn't some registries know no referrers either
   */
  async referrers(repository: string, digest: string, isThere = false): Promise<readonly Descriptor[]> {
    const kept = await this.#kept(repository, digest, isThere)
    if (kept !== undefined) return kept
    const stored = await this.manifest(repository, referrersTag(digest))
    return stored === undefined ? [] : referrersIn(stored, digest)
  }

  /**
   * Where the registry doesn't keep referrers itself, adds them to the index that clients keep for it, as the
   * specification has it ("Pushing Manifests with Subject"). They have to be there, since registries refuse an index of
   * what isn't. What others wrote stays; what is there isn't written again.
   *
   * Registries can't be told to write only what nobody changed meanwhile. So what this object adds it adds one after
   * the other, and looks afterwards whether it is still there, and adds it once more if it isn't. What can't be
   * prevented: somebody else who read the index before that writing and writes it after that look takes out what was
   * added. To add it again, later, puts it right.
   *
   * @returns whether the index was written
   */
  async addReferrers(
    repository: string,
    subject: string,
    descriptors: readonly Descriptor[],
  ): Promise<boolean> {
    if (descriptors.length === 0 || (await this.#kept(repository, subject, true)) !== undefined) return false
    const tag = referrersTag(subject)
    return this.#writes.run(`${repository}:${tag}`, async () => {
      for (let written = 0; ; written += 1) {
        const stored = await this.manifest(repository, tag)
        const bytes = withReferrers(stored, subject, descriptors)
        if (bytes === 'same') return written > 0
        if (bytes === 'other' || written === MOST_WRITES) {
          throw this.#notAdded(repository, tag, bytes === 'other' ? NOT_AN_INDEX : CONTESTED)
        }
        await this.putManifest(repository, tag, sha256Of(bytes), { bytes, mediaType: INDEX })
      }
    })
  }

  /** What the registry itself says; undefined where it has no such API. */
  async #kept(
    repository: string,
    digest: string,
    isThere: boolean,
  ): Promise<readonly Descriptor[] | undefined> {
    if (this.#keepsReferrers === false) return undefined
    const name = this.#place.nameOf(repository)
    const all = new Map<string, Descriptor>()
    try {
      await readPages(
        this.#client,
        { path: `/v2/${name}/referrers/${digest}`, scopes: pullOf(name) },
        (answer) => {
          const { manifests } = decode(answer, referrersIndex, this.#client.party)
          for (const manifest of manifests) all.set(manifest.digest, manifest)
          return undefined
        },
      )
    } catch (error) {
      // Of a registry that keeps them it is the repository that isn't there.
      if (error instanceof NotFound && this.#keepsReferrers === true) return []
      if (!isWithoutReferrers(error) || this.#keepsReferrers === true) throw error
      if (isThere && error.code === 'HTTP_404') this.#keepsReferrers = false
      return undefined
    }
    this.#keepsReferrers = true
    return [...all.values()]
  }

  #notAdded(repository: string, tag: string, [code, why]: readonly [string, string]): UnexpectedAnswer {
    const path = `${this.#client.origin}/v2/${this.#place.nameOf(repository)}/manifests/${tag}`
    return new UnexpectedAnswer(code, why, { method: 'PUT', path, status: 0 })
  }
}

const NOT_AN_INDEX = [
  'NOT_AN_INDEX',
  'on the tag that has to list signatures and other referrers stands something else, which stays; remove that tag there, or copy to another repository',
] as const
const CONTESTED = [
  'CONTESTED',
  'others write this list of referrers at the same time, again and again; let one of them write it at a time',
] as const

/** No such API: 404 by the specification; others know no such method, or show everybody to another place. */
function isWithoutReferrers(error: unknown): error is HarborError {
  if (error instanceof NotFound || error instanceof MethodNotAllowed) return true
  return error instanceof HarborError && NO_API.has(error.code)
}

const NO_API = new Set(['NOT_REGISTRY', 'REDIRECT', 'UNSUPPORTED', 'HTTP_501'])
