import { readFile } from 'node:fs/promises'
import { codeOf, messageOf } from '../shared/failure.ts'
import type { Payload } from './event.ts'
import { parseRun, type ParsedRun } from './run.ts'

/** The run that this is, by the environment and the file of the event's payload. */
export async function readRun(environment: Readonly<NodeJS.ProcessEnv>): Promise<ParsedRun> {
  return parseRun(environment, await readPayload(environment['GITHUB_EVENT_PATH'] ?? ''))
}

async function readPayload(file: string): Promise<Payload> {
  if (file === '') return { missing: 'the variable is not set' }
  try {
    return { text: await readFile(file, 'utf8') }
  } catch (error) {
    return { missing: codeOf(error) === 'ENOENT' ? `there is no file ${file}` : messageOf(error) }
  }
}
