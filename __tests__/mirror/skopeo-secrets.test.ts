// Credentials are in two files for as long as a copy takes, and nowhere else.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, test as always } from '@jest/globals'
import { findSkopeo, type Skopeo, SkopeoSession } from '../../src/mirror/skopeo.ts'
import { rendered } from '../../src/mirror/skopeo-command.ts'
import { withoutSecrets } from '../../src/mirror/skopeo-secrets.ts'
import { Lab, ONCE, processesWith, ROBOT, SECRET, until } from './skopeo-lab.ts'

const test = spawnSync('skopeo', ['--version']).status === 0 ? always : always.skip
const BASE64 = Buffer.from(`${ROBOT.username}:${SECRET}`).toString('base64')
const FORMS = [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString('base64'), BASE64]

let lab: Lab
let skopeo: Skopeo
beforeAll(async () => {
  lab = await Lab.start()
  if (test === always) skopeo = await findSkopeo()
})
afterAll(() => lab.close())
afterEach(() => {
  lab.source.faults.clear()
})

/** Files under a folder, by path. */
function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}

describe('during a copy', () => {
  test('no process has one in its command line or environment; two files of mode 0600 do', async () => {
    const fault = lab.source.faults.inject({
      method: 'GET',
      path: '/blobs/',
      times: Infinity,
      fault: { kind: 'hang' },
    })
    const session = new SkopeoSession(skopeo, { temp: lab.temp, retry: ONCE })
    const copy = session.copy(lab.request('team/watched:v1'))
    await until(() => fault.hits > 0)
    expect(processesWith('team/watched:v1')).toHaveLength(1)
    for (const form of FORMS) expect(processesWith(form)).toEqual([])

    const holding = files(lab.temp).filter((file) =>
      FORMS.some((form) => readFileSync(file, 'utf8').includes(form)),
    )
    expect(holding.map((file) => path.basename(file)).toSorted()).toEqual(['auth-1.json', 'auth-2.json'])
    for (const file of files(lab.temp)) expect(statSync(file).mode & 0o077).toBe(0)
    expect(readdirSync(lab.temp).map((name) => statSync(path.join(lab.temp, name)).mode & 0o777)).toEqual([
      0o700,
    ])
    await session.close()
    expect(await copy).toMatchObject({ kind: 'cancelled' })
    expect(lab.left()).toEqual([])
  })

  test('the environment has nothing in it that it does not need', async () => {
    const fault = lab.source.faults.inject({
      method: 'GET',
      path: '/blobs/',
      times: 9,
      fault: { kind: 'hang' },
    })
    const odd = {
      GITHUB_TOKEN: 'ghs_1',
      'INPUT_HARBOR-PASSWORD': 'x',
      REGISTRY_AUTH_FILE: '/x',
      DOCKER_CONFIG: '/x',
      XDG_CONFIG_HOME: '/x',
      RUNNER_TRACKING_ID: 'github_1',
    }
    Object.assign(process.env, odd)
    const session = new SkopeoSession(skopeo, { temp: lab.temp, retry: ONCE })
    const copy = session.copy(lab.request('team/bare:v1'))
    await until(() => fault.hits > 0)
    for (const name of Object.keys(odd)) Reflect.deleteProperty(process.env, name)
    const [pid] = processesWith('team/bare:v1')
    const environment = readFileSync(`/proc/${pid ?? ''}/environ`, 'utf8')
      .split('\0')
      .filter(Boolean)
    const names = environment.map((variable) => variable.split('=', 1).join('')).toSorted()
    expect(names.filter((name) => !/^(?:SSL_CERT_(?:FILE|DIR)|\w+_(?:PROXY|proxy))$/.test(name))).toEqual([
      'HOME',
      'PATH',
      'RUNNER_TRACKING_ID',
      'TMPDIR',
      'XDG_RUNTIME_DIR',
    ])
    await session.close()
    await copy
  })

  test('between two copies there is none', async () => {
    const session = new SkopeoSession(skopeo, { temp: lab.temp, retry: ONCE })
    expect(await session.copy(lab.request('team/app:v1'))).toMatchObject({ ok: true })
    const holding = files(lab.temp).filter((file) =>
      FORMS.some((form) => readFileSync(file, 'utf8').includes(form)),
    )
    expect(holding).toEqual([])
    await session.close()
    expect(lab.left()).toEqual([])
  })
})

describe('in words', () => {
  always('of skopeo, whatever it prints', async () => {
    const fake = lab.fake(
      `echo 'cannot: ${SECRET} ${BASE64} ${encodeURIComponent(SECRET)} http://me:pw@proxy:3128/ "https://s3.example/b?X-Amz-Signature=abc&x=1": EOF' >&2; exit 1`,
    )
    expect(await lab.copy(fake, lab.request('team/app:v1'))).toMatchObject({
      kind: 'transient',
      words: 'cannot: *** *** *** http://***@proxy:3128/ "https://s3.example/b?***": EOF',
    })
  })

  always('also quoted as Go does', async () => {
    const fake = lab.fake(
      `printf '%s\\n' 'time="x" level=fatal msg=${JSON.stringify(`no ${SECRET}: EOF`)}' >&2; exit 1`,
    )
    expect(await lab.copy(fake, lab.request('team/app:v1'))).toMatchObject({ words: 'no ***: EOF' })
  })

  always('of which half was forgotten', async () => {
    const line = `${'y'.repeat(1000)} ${SECRET}`
    const fake = lab.fake(`i=0; while [ $i -lt 200 ]; do echo '${line}' >&2; i=$((i+1)); done; exit 1`)
    const outcome = await lab.copy(fake, lab.request('team/app:v1'))
    expect(outcome).toMatchObject({ words: expect.stringMatching(/ y+ \*\*\*$|… y+ \*\*\*$/) })
    const endless = lab.fake(`yes '${SECRET}' | head -c 300000 | tr '\\n' ' ' >&2; exit 1`)
    expect(await lab.copy(endless, lab.request('team/app:v1'))).toMatchObject({
      words: 'skopeo ended with status 1 and said nothing',
    })
  })

  always('an empty password hides nothing', () => {
    expect(withoutSecrets('all of it', [{ username: '', password: '' }])).toBe('all of it')
  })

  always('a command for a log can be typed', () => {
    expect(rendered('/usr/bin/skopeo', ['copy', '--x=y', "it's", '$HOME', 'a b', ''])).toBe(
      String.raw`/usr/bin/skopeo copy --x=y 'it'\''s' '$HOME' 'a b' ''`,
    )
  })
})

describe('a folder that cannot be made', () => {
  always('is told', () => {
    const missing = path.join(lab.temp, 'missing')
    expect(() => new SkopeoSession({ path: '/x', version: '1.9.3' }, { temp: missing })).toThrow(
      `skopeo's files can't be written to ${missing}: ENOENT: no such file or directory`,
    )
  })

  always("in the system's, without a runner", async () => {
    const before = process.env['RUNNER_TEMP']
    const folder = path.join(lab.temp, 'runner')
    mkdirSync(folder)
    process.env['RUNNER_TEMP'] = folder
    const session = new SkopeoSession({ path: '/x', version: '1.9.3' })
    expect(readdirSync(folder)).toHaveLength(1)
    delete process.env['RUNNER_TEMP']
    const other = new SkopeoSession({ path: '/x', version: '1.9.3' })
    expect(readdirSync(folder)).toHaveLength(1)
    if (before !== undefined) process.env['RUNNER_TEMP'] = before
    chmodSync(folder, 0o755)
    await session.close()
    await other.close()
    expect(readdirSync(folder)).toEqual([])
  })

  always('no handler stays behind', async () => {
    const count = (): number[] =>
      ['SIGTERM', 'SIGINT', 'SIGHUP', 'exit'].map((name) => process.listenerCount(name))
    const before = count()
    const session = new SkopeoSession({ path: '/x', version: '1.9.3' }, { temp: lab.temp })
    expect(count()).toEqual(before.map((listeners) => listeners + 1))
    await session.close()
    expect(count()).toEqual(before)
  })
})
