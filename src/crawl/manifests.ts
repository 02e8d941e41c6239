import { appendFile, mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import * as v from 'valibot'
import type { Harbor } from '../harbor/harbor.ts'
import { blobsOf } from '../harbor/manifest.ts'
import type { Digest, ManifestContent } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { codeOf } from '../shared/failure.ts'

const byteCount = v.pipe(v.number(), v.integer(), v.minValue(0))
const entry = v.pipe(
  v.string(),
  v.parseJson(),
  v.strictTuple([v.string(), byteCount, v.array(v.strictTuple([v.string(), byteCount]))]),
)

/**
 * Reads what manifests take up. A manifest never changes, so each is read from Harbor once and then kept in a file:
 * a line of `[digest, size, [[blob, size], …]]` each.
 */
export class ManifestReader {
  readonly #harbor: Harbor
  readonly #file: string
  readonly #known = new Map<Digest, ManifestContent>()

  /** @param workDir where the file is kept, worth handing on from run to run */
  constructor(harbor: Harbor, workDir: string) {
    this.#harbor = harbor
    this.#file = path.join(workDir, 'manifests', 'content.ndjson')
  }

  /**
   * @param wanted manifests, each with a repository that has it
   * @param width requests side by side
   * @returns how much each takes up; one that can't be told isn't in it
   */
  async read(
    wanted: ReadonlyMap<Digest, string>,
    width: number,
    onRead: (read: number, all: number) => void,
  ): Promise<ReadonlyMap<Digest, ManifestContent>> {
    await this.#load(wanted)
    const missing = [...wanted].filter(([digest]) => !this.#known.has(digest))
    let fresh: string[] = []
    let read = 0
    await forEachOf(missing, width, async ([digest, repository]) => {
      const content = await this.#fetch(repository, digest)
      if (content !== undefined) {
        this.#known.set(digest, content)
        fresh.push(lineOf(digest, content))
      }
      onRead((read += 1), missing.length)
      if (fresh.length < 1000) return
      const lines = fresh
      fresh = []
      await this.#save(lines)
    })
    await this.#save(fresh)
    return this.#known
  }

  async #fetch(repository: string, digest: Digest): Promise<ManifestContent | undefined> {
    const { bytes } = await this.#harbor.manifest(repository, digest)
    const blobs = blobsOf(bytes.toString('utf8'))
    return blobs === undefined ? undefined : { size: bytes.length, blobs }
  }

  /** A line that can't be read counts for nothing: the manifest is read again. */
  async #load(wanted: ReadonlyMap<Digest, string>): Promise<void> {
    for (const line of (await readIfThere(this.#file)).split('\n')) {
      const parsed = v.safeParse(entry, line)
      if (!parsed.success) continue
      const [digest, size, blobs] = parsed.output
      if (!wanted.has(digest)) continue
      this.#known.set(digest, { size, blobs: blobs.map(([blob, bytes]) => ({ digest: blob, size: bytes })) })
    }
  }

  async #save(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    // Of a relative path Node's mkdir finds no end where somebody removed the current folder.
    await mkdir(path.resolve(path.dirname(this.#file)), { recursive: true })
    await appendFile(this.#file, `\n${lines.join('\n')}\n`)
  }
}

function lineOf(digest: Digest, { size, blobs }: ManifestContent): string {
  return JSON.stringify([digest, size, blobs.map((blob) => [blob.digest, blob.size])])
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  }
}
