import { createHash } from 'node:crypto'
import type { HarborChanges } from '../harbor/changes.ts'
import { CHECKABLE } from '../harbor/digest.ts'
import { UnexpectedAnswer } from '../harbor/errors.ts'
import type { Manifest } from '../harbor/harbor.ts'
import type { Blob } from '../harbor/manifest.ts'
import { patiently, type Patience } from '../harbor/patiently.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { isRepositoryName } from '../shared/repository.ts'
import { messageOf } from '../shared/failure.ts'
import { Once } from '../shared/once.ts'
import { blobChunks, damagedBy } from './blob-chunks.ts'
import { Tries } from './gateway-tries.ts'

export interface TakingBack extends Patience {
  /** The mirror's whole registry, without a path. */
  readonly registry: Registry
  /** The same, with answers of any size. */
  readonly blobs: Registry
  readonly changes: HarborChanges
  readonly say: (text: string) => void
}

/** Whose blobs these are, for messages. */
const MIRROR = 'the mirror registry'
const NEVER = new AbortController().signal

/** Takes blobs and manifests back from a mirror. Every method throws HarborError. */
export class TakeBack {
  readonly #options: TakingBack
  /** Under way or done, by Harbor's repository and the blob. */
  readonly #brought = new Once<void>()

  constructor(options: TakingBack) {
    this.#options = options
  }

  get host(): string {
    return this.#options.registry.prefix.replace(/\/$/, '')
  }

  /** Whether a repository, by its name with the host, is at this mirror. */
  serves(target: string): boolean {
    return target.startsWith(this.#options.registry.prefix) && isRepositoryName(this.#nameOf(target))
  }

  async hasBlob(target: string, { digest, size }: Blob): Promise<boolean> {
    return CHECKABLE.test(digest) && this.#options.registry.hasBlob(this.#nameOf(target), digest, size)
  }

  manifest(target: string, digest: Digest): Promise<Manifest | undefined> {
    return this.#options.registry.manifest(this.#nameOf(target), digest)
  }

  /** Copies a blob into a repository of Harbor's as it comes, once, however many ask for it. */
  bring(target: string, blob: Blob, repository: string): Promise<void> {
    return this.#brought.of(`${repository}@${blob.digest}`, () => this.#bring(target, blob, repository))
  }

  async #bring(target: string, blob: Blob, repository: string): Promise<void> {
    const { changes, say } = this.#options
    const began = performance.now()
    let unreadable: Error | undefined
    await patiently(this.#options, async () => {
      const chunks = noting(this.#chunks(target, blob), (error) => {
        unreadable = error
      })
      try {
        await changes.uploadBlob(repository, blob, chunks)
      } catch (error) {
        // Reading tries again by itself: what ended it won't go better with another upload.
        if (unreadable === undefined) throw error
      }
    })
    if (unreadable !== undefined) throw unreadable
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    say(`took ${blob.digest} of ${repository} back from ${target}: ${blob.size} bytes in ${seconds} s`)
  }

  /** A blob, whose last piece only comes when all of it is what its digest says. */
  async *#chunks(target: string, { digest, size }: Blob): AsyncGenerator<Buffer, void, undefined> {
    const { blobs, retry, onRetry } = this.#options
    const name = this.#nameOf(target)
    const source = {
      name: MIRROR,
      method: 'GET',
      size,
      ask: (headers: Readonly<Record<string, string>>) => blobs.openBlob(name, digest, headers),
    } as const
    const [algorithm = '', expected] = digest.split(':')
    const hash = createHash(algorithm)
    const tries = new Tries(retry, (error, pause) => onRetry?.(error, pause))
    let last: Buffer | undefined
    for await (const chunk of blobChunks(source, tries, NEVER)) {
      hash.update(chunk)
      if (last !== undefined) yield last
      last = chunk
    }
    if (hash.digest('hex') !== expected) {
      const exchange = { method: 'GET', path: `/v2/${name}/blobs/${digest}`, status: 200 }
      throw new UnexpectedAnswer(
        'OTHER_DIGEST',
        `the blob is another one than its digest says; ${damagedBy(MIRROR)}`,
        exchange,
      )
    }
    if (last !== undefined) yield last
  }

  #nameOf(target: string): string {
    return target.slice(this.#options.registry.prefix.length)
  }
}

async function* noting(
  chunks: AsyncIterable<Buffer>,
  note: (error: Error) => void,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* chunks
  } catch (error) {
    note(error instanceof Error ? error : new Error(messageOf(error)))
    throw error
  }
}
