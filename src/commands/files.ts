import { createWriteStream, rmSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { codeOf, messageOf } from '../shared/failure.ts'
import { whenEnded } from './ended.ts'
import { Failed } from './outcome.ts'

/**
 * Reads a file that the user named.
 *
 * @param input the input that names it
 * @throws Failed with what to do when it can't be read
 */
export async function readInputFile(file: string, input: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new Failed(
      `${file}: ${why}; see the input \`${input}\``,
      { status: 2, reason: 'bad-input' },
      { cause: error },
    )
  }
}

/**
 * Writes a file piece by piece under another name and then gives it its own, so that there is never half of it.
 *
 * @param input the input that names it
 * @throws Failed with what to do when it can't be written
 */
export async function writeOutputFile(file: string, input: string, pieces: Iterable<string>): Promise<void> {
  const unfinished = `${file}.${process.pid}.unfinished`
  const release = whenEnded(() => {
    rmSync(unfinished, { force: true })
  })
  try {
    // Of a relative path Node's mkdir finds no end where somebody removed the current folder.
    await mkdir(path.resolve(path.dirname(file)), { recursive: true })
    await pipeline(Readable.from(chunksOf(pieces)), createWriteStream(unfinished))
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    const message = `${file} could not be written: ${messageOf(error)}; see the input \`${input}\``
    throw new Failed(message, { status: 1, reason: 'internal' }, { cause: error })
  } finally {
    release()
  }
}

/** Pieces put together to as much as is worth a write. */
function* chunksOf(pieces: Iterable<string>): Generator<string> {
  let chunk = ''
  for (const piece of pieces) {
    chunk += piece
    if (chunk.length < 2 ** 16) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}
