import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import * as v from 'valibot'
import { CHECKABLE } from '../harbor/digest.ts'

/** What one copy reads through the gateway: by which name, and how far it is. */
export interface Source {
  readonly repository: string
  /** For the authfile of the process that copies; good for nothing but reading this source. */
  readonly username: string
  readonly password: string
  /** Bytes of manifests and blobs handed out so far. */
  readonly bytes: number
  /** When something last went on, by `performance.now()`: bytes handed out, a request begun, ended or sent again. */
  readonly movedAt: number
  /** Requests under way. With none, it is the target that a copy waits for. */
  readonly reading: number
  /** Why the last request that failed did so: the process that copies shows no more of it than a status. */
  readonly failure: Error | undefined
  /** Ends what is under way, and lets nobody read it any more. */
  close(): void
}

/** What a copy begins with. */
export interface Wanted {
  readonly repository: string
  /** Manifests. What these reference may be read once they were. */
  readonly digests: readonly string[]
}

/** `library/app`, as the distribution specification has it. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/

const descriptor = v.object({
  digest: v.pipe(v.string(), v.regex(CHECKABLE)),
  size: v.pipe(v.number(), v.integer(), v.minValue(0)),
})
const many = v.nullish(v.array(v.fallback(v.nullable(descriptor), null)), [])
const references = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    config: v.fallback(v.nullish(descriptor), null),
    layers: v.fallback(many, []),
    blobs: v.fallback(many, []),
    manifests: v.fallback(many, []),
  }),
)

/** One copy's source: who may read it, and what of it. */
export class OpenSource implements Source {
  readonly repository: string
  readonly username: string
  readonly password: string
  bytes = 0
  movedAt = performance.now()
  failure: Error | undefined
  readonly #secret: Buffer
  readonly #manifests: Set<string>
  readonly #blobs = new Map<string, number>()
  readonly #requests = new Set<AbortController>()
  readonly #onClose: () => void

  /** @throws TypeError for what no registry has; such a name mustn't become part of a URL */
  constructor(username: string, { repository, digests }: Wanted, onClose: () => void) {
    const wrong = digests.filter((digest) => !CHECKABLE.test(digest))
    if (!REPOSITORY.test(repository)) wrong.unshift(`'${repository}'`)
    if (wrong.length > 0) {
      throw new TypeError(`${wrong.join(', ')}: no repository or digest that can be copied`)
    }
    this.repository = repository
    this.username = username
    this.password = randomBytes(32).toString('base64url')
    this.#secret = hashOf(this.password)
    this.#manifests = new Set(digests)
    this.#onClose = onClose
  }

  get reading(): number {
    return this.#requests.size
  }

  /** Compares in a time that says nothing about how much of it was right. */
  isPassword(password: string): boolean {
    return timingSafeEqual(hashOf(password), this.#secret)
  }

  hasManifest(repository: string, digest: string): boolean {
    return repository === this.repository && this.#manifests.has(digest)
  }

  /** The size of a blob that may be read. */
  blobSize(repository: string, digest: string): number | undefined {
    return repository === this.repository ? this.#blobs.get(digest) : undefined
  }

  /** What a manifest of this source references belongs to it: config, layers, and children, which are manifests. */
  learn(manifest: Buffer): void {
    const parsed = v.safeParse(references, manifest.toString('utf8'))
    if (!parsed.success) return
    const { config, layers, blobs, manifests } = parsed.output
    for (const one of [config, ...(layers ?? []), ...(blobs ?? [])]) {
      if (one !== null && one !== undefined) this.#blobs.set(one.digest, one.size)
    }
    for (const child of manifests ?? []) if (child !== null) this.#manifests.add(child.digest)
  }

  handedOut(bytes: number): void {
    this.bytes += bytes
    this.moved()
  }

  failed(error: Error): void {
    this.failure = error
  }

  moved(): void {
    this.movedAt = performance.now()
  }

  /** A request begins; `close` aborts it. */
  begin(): AbortController {
    const controller = new AbortController()
    this.#requests.add(controller)
    this.moved()
    return controller
  }

  end(controller: AbortController): void {
    this.#requests.delete(controller)
    this.moved()
  }

  close(): void {
    this.#onClose()
    for (const controller of this.#requests) controller.abort()
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
