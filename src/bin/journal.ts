import { mkdir, open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../shared/failure.ts'
import type { JournalRecord } from './records.ts'

/**
 * A file of records to which lines are only ever added. What was added is on the disk before anything that depends on
 * it is done; what is added at the same time goes there together.
 */
export class Journal {
  readonly file: string
  readonly #handle: FileHandle
  #waiting: string[] = []
  #writing: Promise<void> = Promise.resolve()

  private constructor(file: string, handle: FileHandle) {
    this.file = file
    this.#handle = handle
  }

  /**
   * Begins a journal of its own in a folder, which is made if need be.
   *
   * @throws Error of Node's when it can't be
   */
  static async begin(folder: string, name: string): Promise<Journal> {
    // Of a relative path Node's mkdir finds no end where somebody removed the current folder.
    await mkdir(path.resolve(folder), { recursive: true })
    const file = path.join(folder, name)
    const handle = await open(file, 'ax', 0o600)
    // The name itself has to survive, too.
    const directory = await open(folder, 'r')
    await directory.sync()
    await directory.close()
    return new Journal(file, handle)
  }

  /**
   * Adds records.
   *
   * @throws Error of Node's when they aren't known to be on the disk, now and from then on
   */
  async add(...records: readonly JournalRecord[]): Promise<void> {
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('')
    this.#waiting.push(lines)
    const writing = this.#writing.then(() => this.#write())
    this.#writing = writing
    await writing
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#handle.close()
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0) return
    const lines = this.#waiting.join('')
    this.#waiting = []
    try {
      await this.#handle.appendFile(lines)
      await this.#handle.datasync()
    } catch (error) {
      throw new Error(`${this.file} could not be written: ${messageOf(error)}`, { cause: error })
    }
  }
}
