// A whole run, watched at every request: Harbor's credentials are in no file and in no other process, the mirror's only
// in files that skopeo reads for as long as it copies, and nobody else reads through the gateway.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Passed } from '../helpers/meddler.ts'
import { ended, type Ran } from '../helpers/program.ts'
import { ACCOUNT } from '../registry/docker-registry.ts'
import { startTokenService, type TokenService } from '../registry/token-service.ts'
import { APP, impatient, left, MirrorScene, TEMP, WEB } from './mirror-scene.ts'

const SHELL = path.join(import.meta.dirname, '..', 'helpers', 'shell.ts')
const HARBOR = { username: 'admin', password: 'h4rbor "secret"+/=?' }

function formsOf({ username, password }: typeof HARBOR): readonly string[] {
  const base64 = [password, `${username}:${password}`].map((text) => Buffer.from(text).toString('base64'))
  return [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1), ...base64]
}

const HARBORS = formsOf(HARBOR)
const MIRRORS = formsOf(ACCOUNT)

const has = (text: string, forms: readonly string[]): boolean => forms.some((form) => text.includes(form))

/** What is read of a file that may be gone by then. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}

/** A process, and all that it started. */
function descendantsOf(pid: number): ReadonlySet<number> {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    // The name of a program, in brackets, may have anything in it; then state and parent.
    const [, parent] = contentOf(`/proc/${name}/stat`).split(') ').at(-1)?.split(' ') ?? []
    parents.set(Number(name), Number(parent))
  }
  const all = new Set([pid])
  for (let before = 0; before < all.size;) {
    before = all.size
    for (const [child, parent] of parents) if (all.has(parent)) all.add(child)
  }
  return all
}

/** How skopeo asks the gateway. */
interface Gateway {
  readonly host: string
  readonly authorization: string
  readonly password: string
}

/** Looks at everything that others could look at, whenever it is told to. */
class Watch {
  readonly wrong = new Set<string>()
  readonly gateways = new Map<string, Gateway>()
  /** How often skopeo was seen at work. */
  seen = 0
  readonly #pid: number
  readonly #folders: readonly string[]

  constructor(pid: number, ...folders: readonly string[]) {
    this.#pid = pid
    this.#folders = folders
  }

  look(): void {
    for (const file of this.#folders.flatMap((folder) => filesIn(folder))) this.#lookInto(file)
    const secrets = [
      ...HARBORS,
      ...MIRRORS,
      ...[...this.gateways.values()].flatMap(({ password }) => [password]),
    ]
    for (const pid of descendantsOf(this.#pid)) {
      const command = contentOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
      if (command.includes('skopeo')) this.seen += 1
      if (has(command, secrets)) this.wrong.add(`in a command line: ${command}`)
      // What the run was started with it has in its own.
      if (pid === this.#pid) continue
      if (has(contentOf(`/proc/${pid}/environ`), secrets)) this.wrong.add(`in the environment of ${command}`)
    }
  }

  #lookInto(file: string): void {
    const text = contentOf(file)
    const name = path.basename(file)
    if (has(text, HARBORS)) this.wrong.add(`of Harbor, in ${name}`)
    const isAuthFile = /^auth-\d+\.json$/.test(name) && path.dirname(path.dirname(file)) === TEMP
    if (has(text, MIRRORS) && !isAuthFile) this.wrong.add(`of the mirror, in ${name}`)
    if (!isAuthFile || text === '') return
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
    const folder = statSync(path.dirname(file), { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o177) !== 0 || (folder & 0o077) !== 0) this.wrong.add(`open to others: ${name}`)
    const { auths } = parseJson<{ auths: Record<string, { auth: string }> }>(text)
    for (const [host, { auth }] of Object.entries(auths)) {
      if (MIRRORS.includes(auth)) continue
      const password = Buffer.from(auth, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, '')
      this.gateways.set(auth, { host, authorization: `Basic ${auth}`, password })
    }
  }
}

let tokens: TokenService
beforeAll(async () => {
  tokens = await startTokenService({ ...ACCOUNT, may: () => true })
})
afterAll(async () => {
  jest.restoreAllMocks()
  await tokens.server.close()
})
beforeEach(impatient)

const SECRETS = { 'harbor-password': HARBOR.password, 'mirror-password': ACCOUNT.password }
function sceneWith(kind: 'htpasswd' | 'token'): Promise<MirrorScene> {
  return MirrorScene.start({
    authentication: kind === 'token' ? tokens.authentication : { kind },
    password: HARBOR.password,
    given: { 'mirror-username': ACCOUNT.username, 'mirror-password': ACCOUNT.password },
  })
}

interface Watched {
  readonly watch: Watch
  readonly ran: Ran
}

/** @param then called with every request, which stands still meanwhile */
async function run(
  scene: MirrorScene,
  shell: 'action' | 'cli',
  then: (passed: Passed, watch: Watch) => Promise<void> | void = () => undefined,
): Promise<Watched> {
  const { folder } = scene
  const given = scene.given({ ...SECRETS, 'mirror-username': ACCOUNT.username, concurrency: '1' })
  const options = Object.entries(given)
    .filter(([name]) => !/^command$|^harbor-|^mirror-(?:user|pass)/.test(name))
    .map(([name, value]) => `--${name}=${value}`)
  for (const name of ['output', 'summary.md']) folder.write(name, '')
  const args = [SHELL, shell, ...(shell === 'action' ? [] : ['apply', ...options])]
  const variables: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    variables[`INPUT_${name.toUpperCase()}`] = value
    variables[name.toUpperCase().replaceAll('-', '_')] = value
  }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...variables,
      PATH: process.env['PATH'],
      RUNNER_TEMP: TEMP,
      TMPDIR: TEMP,
      GITHUB_OUTPUT: path.join(folder.path, 'output'),
      GITHUB_STEP_SUMMARY: path.join(folder.path, 'summary.md'),
    },
  })
  const watch = new Watch(child.pid ?? 0, TEMP, folder.path)
  const hold = async (passed: Passed): Promise<void> => {
    watch.look()
    await then(passed, watch)
  }
  scene.mirror.hold = hold
  scene.source.hold = hold
  const ran = await ended(child)
  watch.look()
  return { watch, ran }
}

describe('no secret is where it should not be', () => {
  test.each([
    ['action', 'htpasswd'],
    ['cli', 'token'],
  ] as const)(
    'the %s, %s',
    async (shell, kind) => {
      const scene = await sceneWith(kind)
      const { watch, ran } = await run(scene, shell)
      const { totals } = scene.result()
      expect([ran.status, totals]).toEqual([0, { done: scene.plan.actions.length, skipped: 0, failed: 0 }])
      expect([...watch.wrong]).toEqual([])
      expect([watch.seen > 10, watch.gateways.size]).toEqual([true, 2])
      const printed = [ran.stdout.replaceAll(/^::add-mask::.*\n/gm, ''), ran.stderr].join('\n')
      const passwords = [...watch.gateways.values()].map(({ password }) => password)
      const secrets = [...HARBORS, ...MIRRORS, ...passwords]
      expect(has(printed, secrets)).toBe(false)
      expect(filesIn(scene.folder.path).filter((file) => has(contentOf(file), secrets))).toEqual([])
      expect(left()).toEqual([])
      await scene.close()
    },
    60_000,
  )
})

test('only skopeo reads through the gateway, only what it copies, only for as long as it does', async () => {
  const scene = await sceneWith('htpasswd')
  const told = new Set<string>()
  const ask = async (
    who: string,
    { host, authorization }: Gateway,
    at: string,
    method = 'GET',
  ): Promise<void> => {
    const headers = authorization === '' ? {} : { authorization }
    const answer = await fetch(`http://${host}${at}`, { method, headers })
    await answer.arrayBuffer()
    told.add(`${who}: ${answer.status}`)
  }
  const { watch } = await run(scene, 'action', async ({ userAgent, method }, { gateways }) => {
    const [gateway] = [...gateways.values()].slice(-1)
    if (gateway !== undefined && userAgent.startsWith('skopeo/') && method === 'PATCH') {
      // The copy under way is of something else.
      const digest = scene.registry.artifact(APP, 'v1').digest
      await ask('nobody', { ...gateway, authorization: '' }, '/v2/')
      await ask(
        'somebody who guesses',
        { ...gateway, authorization: `Basic ${btoa('copy-1:guessed')}` },
        '/v2/',
      )
      await ask('skopeo', gateway, '/v2/')
      await ask('another image', gateway, `/v2/${APP}/manifests/${digest}`)
      await ask('another repository', gateway, `/v2/${WEB}/manifests/${digest}`)
      await ask('a tag', gateway, `/v2/${APP}/manifests/v1`)
      await ask('the API', gateway, '/api/v2.0/projects')
      await ask('to write', gateway, `/v2/${APP}/blobs/uploads/`, 'POST')
    }
    // The copies before are over.
    if (gateway !== undefined && method === 'DELETE') await ask('skopeo, later', gateway, '/v2/')
  })
  expect([...told].toSorted()).toEqual([
    'a tag: 403',
    'another image: 403',
    'another repository: 403',
    'nobody: 401',
    'skopeo, later: 401',
    'skopeo: 200',
    'somebody who guesses: 401',
    'the API: 404',
    'to write: 405',
  ])
  const [gateway] = watch.gateways.values()
  await expect(fetch(`http://${gateway?.host ?? ''}/v2/`)).rejects.toThrow('fetch failed')
  await scene.close()
}, 60_000)
