// A mirror run of the built program beside other programs: the same images from the same stand-in to a docker-registry
// each.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { setTimeout } from 'node:timers/promises'
import * as v from 'valibot'
import { hasRegsync, regsync, skopeoSync, type Errand } from './peers.ts'

const POLICY = 'version: 1\nrules: [{ name: all, select: { tags: ["**"] }, copy: always }]\n'
const CREDENTIALS = { username: 'admin', password: 'Harbor12345' }
const PROGRAM = path.join(path.dirname(import.meta.dirname), 'dist/cli.js')

/** Milliseconds, into an empty registry and with nothing new. */
export interface MirrorFigures {
  readonly first: number
  readonly again: number
}

export interface MirrorComparison {
  /** Plan and apply; and the plan with nothing new alone, after which a workflow ends. */
  readonly ours: MirrorFigures & { readonly planned: number }
  readonly skopeo: MirrorFigures
  /** Undefined where there is none. */
  readonly regsync: MirrorFigures | undefined
}

/** @param url a stand-in with repositories of images, all of which are copied */
export async function measureMirror(url: string): Promise<MirrorComparison> {
  const repositories = await repositoriesOf(url)
  const source = new URL(url).host
  const measured = (work: (errand: Errand) => Promise<void>): Promise<MirrorFigures> =>
    withTarget(async (target, folder) => {
      const errand = { source, target, credentials: CREDENTIALS, repositories, folder }
      const first = await timed(() => work(errand))
      return { first, again: await timed(() => work(errand)) }
    })
  return {
    ours: await withTarget((target, folder) => withUs(url, target, folder)),
    skopeo: await measured(skopeoSync),
    regsync: (await hasRegsync()) ? await measured(regsync) : undefined,
  }
}

async function withUs(url: string, target: string, folder: string): Promise<MirrorComparison['ours']> {
  const [policy, planFile] = [path.join(folder, 'policy.yml'), path.join(folder, 'plan.json')]
  writeFileSync(policy, POLICY)
  const { username, password } = CREDENTIALS
  const env = {
    PATH: process.env['PATH'],
    HARBOR_URL: url,
    HARBOR_USERNAME: username,
    HARBOR_PASSWORD: password,
  }
  const files = ['--policy', policy, '--plan-file', planFile, '--work-dir', path.join(folder, 'work')]
  const command = (...args: readonly string[]): Promise<unknown> =>
    promisify(execFile)(
      process.execPath,
      [PROGRAM, ...args, ...files, '--mirror-registry', `http://${target}`],
      { env, maxBuffer: 2 ** 26 },
    )
  const plan = (): Promise<unknown> => command('plan')
  const apply = (): Promise<unknown> => {
    const { id } = v.parse(planned, readFileSync(planFile, 'utf8'))
    return command('apply', '--plan-id', id)
  }
  const first = (await timed(plan)) + (await timed(apply))
  const again = await timed(plan)
  return { first, planned: again, again: again + (await timed(apply)) }
}

const planned = v.pipe(v.string(), v.parseJson(), v.object({ id: v.string() }))
const repositoryList = v.array(v.object({ name: v.string() }))

async function repositoriesOf(url: string): Promise<readonly string[]> {
  const { username, password } = CREDENTIALS
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const answer = await fetch(`${url}/api/v2.0/repositories?page_size=100`, { headers: { authorization } })
  return v.parse(repositoryList, await answer.json()).map(({ name }) => name)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/** Gives something an empty docker-registry to copy to, by its host and port, and a folder of its own. */
async function withTarget<T>(work: (target: string, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const { host, child } = await startRegistry(folder)
  try {
    return await work(host, folder)
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
    rmSync(folder, { recursive: true })
  }
}

/** Debian's docker-registry on a free port. */
async function startRegistry(
  folder: string,
): Promise<{ readonly host: string; readonly child: ChildProcess }> {
  const host = `127.0.0.1:${await freePort()}`
  const storage = path.join(folder, 'registry')
  mkdirSync(storage)
  const configuration = path.join(folder, 'registry.yml')
  writeFileSync(
    configuration,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${storage} } }\nhttp: { addr: ${host} }\n`,
  )
  const child = spawn('docker-registry', ['serve', configuration], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] },
  })
  for (let tries = 0; tries < 100; tries += 1) {
    const isThere = await fetch(`http://${host}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isThere) return { host, child }
    await setTimeout(50)
  }
  throw new Error('docker-registry does not start')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
