// Copies that are ended: because nothing moves, because somebody asks, by a signal to skopeo or to who started it.
// Nothing of them runs on, nothing is left, and nothing half-done counts as done.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test as always } from '@jest/globals'
import { type CopyFailure, findSkopeo, type Skopeo, SkopeoSession } from '../../src/mirror/skopeo.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { Lab, ONCE, processesOf, processesWith, SECRET, until } from './skopeo-lab.ts'

/** Machines without it do without these; the others look into /proc. */
const test = spawnSync('skopeo', ['--version']).status === 0 ? always : always.skip

let lab: Lab
let skopeo: Skopeo
beforeAll(async () => {
  lab = await Lab.start()
  if (test === always) skopeo = await findSkopeo()
})
afterAll(() => lab.close())
afterEach(() => {
  lab.source.faults.clear()
  lab.target.faults.clear()
})

/** Everything is asked for, and no blob comes. */
const hang = (): { readonly hits: number } =>
  lab.source.faults.inject({ method: 'GET', path: '/blobs/', times: Infinity, fault: { kind: 'hang' } })

/** Starts a child of its own, writes both pids down, and waits for ever. */
const withChild = (after = ''): { readonly skopeo: Skopeo; readonly pids: () => readonly number[] } => {
  const file = path.join(lab.temp, `pids-${Math.random()}`)
  const fake = lab.fake(
    `${after}\nsleep 1000 &\necho "$$ $!" > '${file}.new'; mv '${file}.new' '${file}'\nwait`,
  )
  return {
    skopeo: fake,
    pids: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').map(Number) : []),
  }
}
const lives = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

describe('a copy in which nothing moves', () => {
  test.each([
    ['by what is told from outside', { moved: () => 42 }],
    ['by what it reads and writes', {}],
  ])('is ended in time: %s', async (_how, more) => {
    const fault = hang()
    const begun = performance.now()
    const request = lab.request('team/stalled:v1', { stallMs: 400, ...more })
    expect(await lab.copy(skopeo, request)).toEqual({
      ok: false,
      kind: 'stalled',
      words: 'nothing moved for 0.4 s',
      attempts: 1,
    })
    expect(fault.hits).toBeGreaterThan(0)
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(processesWith('team/stalled:v1')).toEqual([])
    expect(lab.target.registry.findRepository('team/stalled')?.tags.size ?? 0).toBe(0)
  })

  test('is tried again', async () => {
    lab.source.faults.inject({ method: 'GET', path: '/blobs/', times: 1, fault: { kind: 'hang' } })
    const told: CopyFailure[] = []
    const request = lab.request('team/second:v1', {
      stallMs: 300,
      moved: () => 0,
      onRetry: (failure) => told.push(failure),
    })
    const outcome = await lab.copy(skopeo, request, { attempts: 3, pause: 1, longest: 1 })
    expect(outcome).toEqual({ ok: true, attempts: 2 })
    expect(told.map(({ kind }) => kind)).toEqual(['stalled'])
    expect(lab.target.registry.artifact('team/second', 'v1').digest).toBe(lab.image.digest)
  })

  always('goes with everything that it started', async () => {
    const { skopeo: fake, pids } = withChild()
    const copy = lab.copy(fake, lab.request('team/x:v1', { stallMs: 300, moved: () => 0 }))
    await until(() => pids().length === 2)
    const [leader = 0] = pids()
    expect(new Set(processesOf(leader))).toEqual(new Set(pids()))
    expect(await copy).toMatchObject({ kind: 'stalled' })
    expect(processesOf(leader)).toEqual([])
    expect(pids().filter(lives)).toEqual([])
  })

  always('is not one in which something does', async () => {
    let bytes = 0
    const fake = lab.fake('sleep 0.8')
    const request = lab.request('team/x:v1', { stallMs: 200, moved: () => (bytes += 1) })
    expect(await lab.copy(fake, request)).toMatchObject({ ok: true })
  })

  always('is not one that reads or writes', async () => {
    const busy = lab.fake(`exec '${process.execPath}' -e '
      const end = Date.now() + 3000
      const timer = setInterval(() => { require("fs").readFileSync(process.execPath); if (Date.now() > end) clearInterval(timer) }, 50)'`)
    expect(await lab.copy(busy, lab.request('team/x:v1', { stallMs: 2000 }))).toMatchObject({ ok: true })
  })

  always('is one whose runtime only works with itself', async () => {
    const idle = lab.fake(`exec '${process.execPath}' -e '
      const nothing = require("fs").openSync("/dev/null", "w")
      setInterval(() => require("fs").writeSync(nothing, "x"), 20)'`)
    expect(await lab.copy(idle, lab.request('team/x:v1', { stallMs: 600 }))).toMatchObject({
      kind: 'stalled',
    })
  })

  always(
    'which will not end is ended by force',
    async () => {
      const { skopeo: fake, pids } = withChild("trap '' TERM")
      const begun = performance.now()
      const copy = lab.copy(fake, lab.request('team/x:v1', { stallMs: 100, moved: () => 0 }))
      await until(() => pids().length === 2)
      expect(await copy).toMatchObject({ kind: 'stalled' })
      expect(performance.now() - begun).toBeGreaterThan(5000)
      expect(pids().filter(lives)).toEqual([])
    },
    15_000,
  )

  always('which says that it went well when it is ended, did not', async () => {
    const fake = lab.fake("trap 'exit 0' TERM; while :; do sleep 0.05; done")
    const request = lab.request('team/x:v1', { stallMs: 200, moved: () => 0 })
    expect(await lab.copy(fake, request)).toMatchObject({ ok: false, kind: 'stalled' })
  })
})

describe('a copy that is no longer wanted', () => {
  test('in the middle', async () => {
    const fault = hang()
    const controller = new AbortController()
    const copy = lab.copy(skopeo, lab.request('team/cancelled:v1', { signal: controller.signal }))
    await until(() => fault.hits > 0)
    controller.abort()
    expect(await copy).toEqual({
      ok: false,
      kind: 'cancelled',
      words: 'ended before it was done',
      attempts: 1,
    })
    expect(processesWith('team/cancelled:v1')).toEqual([])
    expect(lab.target.registry.findRepository('team/cancelled')?.tags.size ?? 0).toBe(0)
    expect(lab.left().filter((name) => !name.startsWith('pids'))).toEqual([])
  })

  always('before it is begun: nothing is', async () => {
    const commands: string[] = []
    const request = lab.request('team/x:v1', {
      signal: AbortSignal.abort(),
      onCommand: (command) => commands.push(command),
    })
    expect(await lab.copy(lab.fake('exit 0'), request)).toMatchObject({ kind: 'cancelled' })
    expect(commands).toEqual([])
  })

  always('between two tries: at once', async () => {
    const controller = new AbortController()
    const begun = performance.now()
    const request = lab.request('team/x:v1', {
      signal: controller.signal,
      onRetry: () => {
        controller.abort()
      },
    })
    const fake = lab.fake('echo "connection refused" >&2; exit 1')
    const retry = { attempts: 3, pause: 60_000, longest: 60_000 }
    expect(await lab.copy(fake, request, retry)).toMatchObject({ kind: 'cancelled', attempts: 1 })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  always('since the session is closed', async () => {
    const { skopeo: fake, pids } = withChild()
    const session = new SkopeoSession(fake, { temp: lab.temp, retry: ONCE })
    const copy = session.copy(lab.request('team/x:v1'))
    await until(() => pids().length === 2)
    await session.close()
    expect(await copy).toMatchObject({ kind: 'cancelled' })
    expect(pids().filter(lives)).toEqual([])
    expect(await session.copy(lab.request('team/x:v1'))).toMatchObject({ kind: 'cancelled' })
  })
})

describe('skopeo itself', () => {
  test.each([
    ['SIGKILL', 'something ended skopeo with SIGKILL, as a system that is out of memory does'],
    ['SIGTERM', 'something ended skopeo with SIGTERM'],
  ] as const)('ended by %s', async (signal, words) => {
    const fault = hang()
    const copy = lab.copy(skopeo, lab.request(`team/killed-${signal.toLowerCase()}:v1`))
    await until(() => fault.hits > 0)
    const [pid] = processesWith(`killed-${signal.toLowerCase()}:v1`)
    process.kill(Number(pid), signal)
    expect(await copy).toMatchObject({ kind: 'killed', words, attempts: 1 })
  })

  always('gone, or not to be run', async () => {
    const fake = lab.fake('exit 0')
    rmSync(fake.path)
    expect(await lab.copy(fake, lab.request('team/x:v1'))).toEqual({
      ok: false,
      kind: 'unknown',
      words: `skopeo could not be run: spawn ${fake.path} ENOENT; it was there when it was looked for`,
      attempts: 1,
    })
  })

  always('which says nothing, too much, or leaves somebody behind', async () => {
    const request = lab.request('team/x:v1')
    expect(await lab.copy(lab.fake('exit 3'), request)).toMatchObject({
      kind: 'unknown',
      words: 'skopeo ended with status 3 and said nothing',
    })
    const loud = lab.fake(
      'head -c 20000000 /dev/zero | tr "\\0" "x" >&2; echo >&2; echo "at last: EOF" >&2; exit 1',
    )
    expect(await lab.copy(loud, request)).toMatchObject({ kind: 'transient', words: 'at last: EOF' })
    const file = path.join(lab.temp, 'pids-left')
    const forgetful = lab.fake(`sleep 1000 & echo $! > '${file}'; exit 0`)
    expect(await lab.copy(forgetful, request)).toMatchObject({ ok: true })
    expect(lives(Number(readFileSync(file, 'utf8')))).toBe(false)
    const begun = performance.now()
    const left = lab.fake('setsid sleep 15 & sleep 0.1; exit 0')
    expect(await lab.copy(left, request)).toMatchObject({ ok: true })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})

describe('who started it', () => {
  const PROGRAM = path.join(import.meta.dirname, 'skopeo-child.ts')
  const copying = (): readonly string[] => lab.left().filter((name) => name.startsWith('harbor-dredge-'))

  function startChild(ending?: 'exit' | 'throw'): ChildProcess {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    })
    const request = lab.request('team/orphan:v1')
    child.stdin?.write(`${JSON.stringify({ skopeo, request, temp: lab.temp, ending })}\n`)
    return child
  }

  test.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)(
    'ended by %s: skopeo ends, and no file is left',
    async (signal) => {
      const fault = hang()
      const child = startChild()
      const closed = once(child, 'close')
      await until(() => fault.hits > 0)
      expect(copying()).not.toEqual([])
      child.kill(signal)
      expect(await closed).toEqual([null, signal])
      expect(copying()).toEqual([])
      await until(() => processesWith('team/orphan:v1').length === 0)
      expect(lab.target.registry.findRepository('team/orphan')?.tags.size ?? 0).toBe(0)
    },
  )

  test.each([
    ['exit', 7],
    ['throw', 1],
  ] as const)('ends by itself (%s): the same', async (ending, status) => {
    hang()
    const child = startChild(ending)
    const closed = once(child, 'close')
    expect(await closed).toEqual([status, null])
    expect(copying()).toEqual([])
    await until(() => processesWith('team/orphan:v1').length === 0)
  })

  test('killed: what is left can be read by nobody else, and skopeo fails without its source', async () => {
    const fault = hang()
    const child = startChild()
    const closed = once(child, 'close')
    await until(() => fault.hits > 0)
    child.kill('SIGKILL')
    await closed
    const [folder = ''] = copying()
    expect(statSync(path.join(lab.temp, folder)).mode & 0o777).toBe(0o700)
    const secrets = copying().filter((name) => /auth-\d\.json$/.test(name))
    expect(secrets).toHaveLength(2)
    for (const name of secrets) expect(statSync(path.join(lab.temp, name)).mode & 0o777).toBe(0o600)
    // It goes on as long as its source does; through a gateway in the killed process that is not at all.
    const running = processesWith('team/orphan:v1')
    expect(running).toHaveLength(1)
    expect(processesWith(SECRET)).toEqual([])
    process.kill(-Number(running[0]), 'SIGKILL')
    await until(() => processesWith('team/orphan:v1').length === 0)
    rmSync(path.join(lab.temp, folder), { recursive: true })
  })

  test('undisturbed: it ends by itself, and nothing is left', async () => {
    const child = startChild()
    const [out] = await Promise.all([child.stdout === null ? '' : text(child.stdout), once(child, 'close')])
    expect(parseJson(out.trim().split('\n').at(-1) ?? '')).toEqual({ ok: true, attempts: 1 })
    expect(copying()).toEqual([])
  })
})
