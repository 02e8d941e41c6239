// The stand-in as a program.
import { spawn } from 'node:child_process'
import { type EventEmitter, once } from 'node:events'
import path from 'node:path'
import process from 'node:process'
import { expect, test } from '@jest/globals'
import { isRecord } from '../../stand-in/state/json.ts'
import { LAB } from './recording.ts'

const PROGRAM = path.join(import.meta.dirname, '../../stand-in/serve.ts')

interface Served {
  readonly said: string
  readonly count: string | null
  readonly version: unknown
  readonly code: unknown
}

/** What comes with the next event of that name. */
async function next(emitter: EventEmitter, event: string): Promise<unknown> {
  const values: unknown[] = await once(emitter, event)
  return values[0]
}

/** Starts it, asks it for its artifacts and its version, and stops it. */
async function serve(list: string, ...options: string[]): Promise<Served> {
  const child = spawn(process.execPath, [PROGRAM, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = next(child, 'exit')
  const said = String(await next(child.stdout, 'data'))
  const ask = (target: string): Promise<Response> =>
    fetch(`${said.trim()}/api/v2.0${target}`, {
      headers: { authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}` },
    })
  const response = await ask(list)
  const info: unknown = await (await ask('/systeminfo')).json()
  const version = isRecord(info) && info['harbor_version']
  child.kill('SIGTERM')
  return { said, count: response.headers.get('x-total-count'), version, code: await ended }
}

test('serves a shape', async () => {
  const options = ['--shape', 'large', '--artifacts', '250', '--password', 'secret', '--costs', 'harbor']
  const { said, count, version, code } = await serve('/projects/large/artifacts', ...options)
  expect(said).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/)
  expect([count, version, code]).toEqual(['250', expect.stringMatching(/^v2\.15\.1-/), 0])
})

test('serves a registry kept as files, as an older Harbor', async () => {
  const list = '/projects/team-a/repositories/api/artifacts?q=base=*'
  const options = ['--load', LAB, '--password', 'secret', '--version', '2.10.3']
  const { count, version } = await serve(list, ...options)
  expect([count, version]).toEqual(['47', expect.stringMatching(/^v2\.10\.3-/)])
})

test('refuses what it does not know', async () => {
  const child = spawn(process.execPath, [PROGRAM, '--shape', 'round'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = next(child, 'exit')
  const said = String(await next(child.stderr, 'data'))
  expect(said).toBe('--shape must be one of small, large, tiny, mixed, multiarch\n')
  expect(await ended).toBe(2)
})
