import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { codeOf, messageOf } from '../shared/failure.ts'
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
  try {
    await mkdir(path.dirname(file), { recursive: true })
    await writePieces(unfinished, pieces)
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    const message = `${file} could not be written: ${messageOf(error)}; see the input \`${input}\``
    throw new Failed(message, { status: 1, reason: 'internal' }, { cause: error })
  }
}

async function writePieces(file: string, pieces: Iterable<string>): Promise<void> {
  const stream = createWriteStream(file)
  const closed = once(stream, 'close')
  let chunk = ''
  for (const piece of pieces) {
    chunk += piece
    if (chunk.length < 2 ** 16) continue
    if (!stream.write(chunk)) await once(stream, 'drain')
    chunk = ''
  }
  stream.end(chunk)
  await closed
}
