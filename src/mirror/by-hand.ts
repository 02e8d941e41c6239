import { HarborError, Unreachable } from '../harbor/errors.ts'
import { CHECKABLE } from '../harbor/digest.ts'
import type { Harbor, Manifest } from '../harbor/harbor.ts'
import { blobsElsewhere, blobsOf, type Blob } from '../harbor/manifest.ts'
import type { Digest } from '../inventory/types.ts'
import type { Registry } from '../registry/registry.ts'
import { Once } from '../shared/once.ts'
import { CopyFailed } from './copy-failed.ts'
import type { ManifestPuts } from './manifest-puts.ts'
import type { Sent } from './sent.ts'

/**
 * What is moved without skopeo, in bytes an image: to start a process takes as long as to send this much, and most
 * images of a repository share all but a little with each other.
 */
const LITTLE = 2 ** 20
const TINY = 2 ** 14

export interface Wanted {
  readonly digest: Digest
  /** What it is put under: its digest, or a tag. */
  readonly reference: string
  readonly manifest: Manifest
  readonly sent: Sent
}

/** Brings images to a registry of which little or nothing is missing there. */
export class ByHand {
  readonly #harbor: Harbor
  readonly #registry: Registry
  readonly #puts: ManifestPuts
  /** Blobs that are at the mirror, with a repository that has them. */
  readonly #known = new Map<Digest, string>()
  /** By repository and blob: of two at once a registry may keep neither. */
  readonly #uploads = new Once<void>()

  constructor(harbor: Harbor, registry: Registry, puts: ManifestPuts) {
    this.#harbor = harbor
    this.#registry = registry
    this.#puts = puts
  }

  /**
   * Puts an image where it is to go, if there is little to move.
   *
   * @returns whether it did; if not, nothing is wrong
   * @throws TagTaken; CopyFailed
   */
  async bring(source: string, repository: string, wanted: Wanted): Promise<boolean> {
    const { digest, reference, manifest, sent } = wanted
    const text = manifest.bytes.toString('utf8')
    const blobs = blobsOf(text)
    const elsewhere = blobsElsewhere(text)
    if (blobs === undefined || [...blobs, ...elsewhere].some(isUncheckable)) return false
    let isComplete = false
    try {
      const missing: Blob[] = []
      for (const blob of blobs) {
        // A manifest that isn't there has a configuration that isn't: asking costs as much as sending.
        const isNew = blob.size < TINY && !this.#known.has(blob.digest)
        if (isNew || !(await this.#isThere(repository, blob.digest))) missing.push(blob)
      }
      // What is said to be at some URL skopeo leaves out, and a registry may have all the same.
      for (const blob of elsewhere) {
        const isWanted = !(await this.#isThere(repository, blob.digest))
        if (isWanted && (await this.#harbor.hasBlob(source, blob.digest))) missing.push(blob)
      }
      if (missing.reduce((sum, { size }) => sum + size, 0) > LITTLE) return false
      for (const { digest: blob } of missing) {
        await this.#uploads.of(`${repository}@${blob}`, async () => {
          const bytes = await this.#harbor.blob(source, blob)
          await this.#registry.uploadBlob(repository, blob, bytes)
          this.#known.set(blob, repository)
          sent.add('by-hand', bytes.length)
        })
      }
      isComplete = true
      await this.#puts.put({ repository, reference, digest, manifest })
      sent.add('by-hand', manifest.bytes.length)
      return true
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      // skopeo may know a way, or says what is wrong. To a manifest with URLs it would hear the same, for as long again.
      if (!isComplete || elsewhere.length === 0 || isOfBlobs(error)) return false
      throw new CopyFailed(`${this.#registry.prefix}${repository}@${digest}`, error.message, true)
    }
  }

  async #isThere(repository: string, blob: Digest): Promise<boolean> {
    const home = this.#known.get(blob)
    const isThere =
      home === repository ||
      (home !== undefined && (await this.#registry.mountBlob(repository, blob, home))) ||
      (await this.#registry.hasBlob(repository, blob))
    if (isThere) this.#known.set(blob, repository)
    return isThere
  }
}

/** Whether a registry may take the same manifest after its blobs were sent once more. */
function isOfBlobs(error: HarborError): boolean {
  return error instanceof Unreachable || error.code === 'MANIFEST_BLOB_UNKNOWN'
}

function isUncheckable({ digest }: Blob): boolean {
  return !CHECKABLE.test(digest)
}
