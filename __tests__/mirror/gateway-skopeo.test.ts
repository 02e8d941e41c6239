// A real client: skopeo copies out of the stand-in through the gateway.
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect, promisify } from 'node:util'
import { afterAll, afterEach, beforeEach, describe, expect, test as always } from '@jest/globals'
import type { Source } from '../../src/mirror/gateway.ts'
import type { Fault } from '../../stand-in/http/faults.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { ADMIN } from '../helpers/connect.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { gatewayTo, until, type Lab } from './gateway-lab.ts'

/** Machines without it do without these. */
const test = spawnSync('skopeo', ['--version']).status === 0 ? always : always.skip
const run = promisify(execFile)
const REPOSITORY = 'library/team/app'
const MIB = 2 ** 20

const folder = mkdtempSync(path.join(tmpdir(), 'gateway-'))
const policy = path.join(folder, 'policy.json')
writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}')
afterAll(() => {
  rmSync(folder, { recursive: true })
})

let standIn: StandIn
let target: StandIn
let lab: Lab
let builder: Builder

beforeEach(async () => {
  standIn = await startStandIn()
  target = await startStandIn()
  lab = await gatewayTo(standIn.url)
  builder = new Builder(standIn.registry)
})
afterEach(async () => {
  await lab.close()
  await standIn.close()
  await target.close()
})

let runs = 0
const open = ({ digest }: Artifact): Source => lab.gateway.open({ repository: REPOSITORY, digests: [digest] })

async function copy(
  from: string,
  to: string,
  host: string,
  as: Pick<Source, 'username' | 'password'>,
): Promise<void> {
  const authfile = path.join(folder, `auth-${(runs += 1)}.json`)
  const auths = {
    [host]: { auth: Buffer.from(`${as.username}:${as.password}`).toString('base64') },
    [new URL(target.url).host]: {
      auth: Buffer.from(`${ADMIN.username}:${ADMIN.password}`).toString('base64'),
    },
  }
  writeFileSync(authfile, JSON.stringify({ auths }), { mode: 0o600 })
  const tls = ['--src-tls-verify=false', ...(to.startsWith('docker:') ? ['--dest-tls-verify=false'] : [])]
  await run(
    'skopeo',
    ['--policy', policy, 'copy', '--all', '--preserve-digests', '--authfile', authfile, ...tls, from, to],
    { timeout: 30_000 },
  )
}

/** Out of the gateway, as the owner of a source. */
function take(source: Source, { digest }: Artifact, to: string): Promise<void> {
  const { host } = lab.gateway
  return copy(`docker://${host}/${REPOSITORY}@${digest}`, to, host, source)
}

const directory = (): string => path.join(folder, `out-${(runs += 1)}`)
const inTarget = (tag: string): string => `docker://${new URL(target.url).host}/library/copied:${tag}`

/** The digest of what `dir:` holds. */
function digestIn(out: string): string {
  return `sha256:${createHash('sha256')
    .update(readFileSync(path.join(out, 'manifest.json')))
    .digest('hex')}`
}

function image(name: string, size = 5 * MIB, pushed = LONG_AGO): Artifact {
  return builder.image(REPOSITORY, {
    tags: [name],
    layers: [{ name, size }, 'small'],
    pushed,
    pulled: pushed,
  })
}

function index(): Artifact {
  const images = ['linux/amd64', 'linux/arm64/v8'].map((platform) =>
    builder.image(REPOSITORY, { platform, layers: ['shared', platform], pushed: LONG_AGO }),
  )
  return builder.index(REPOSITORY, { tags: ['2.0'], images, attestations: true, pushed: LONG_AGO })
}

/** Every pull time, and how many pulls there were, once what waits to be counted was. */
async function pulls(): Promise<unknown> {
  await fetch(`${standIn.url}/api/v2.0/ping`)
  const repository = standIn.registry.repository(REPOSITORY)
  const artifacts = [...repository.artifacts.values()].map(({ digest, pulled, tags }) => ({
    digest,
    pulled,
    tags: [...tags].map((tag) => tag.pulled),
  }))
  return { artifacts, pulls: repository.pulls }
}

describe('arrives with the same digest, and pull times stay', () => {
  test('an image, into a directory', async () => {
    const made = image('v1')
    const before = await pulls()
    const [source, out] = [open(made), directory()]
    await take(source, made, `dir:${out}`)
    expect(digestIn(out)).toBe(made.digest)
    expect(await pulls()).toEqual(before)
    const files = readdirSync(out).filter((name) => name !== 'version')
    const sizes = files.map((name) => readFileSync(path.join(out, name)).length)
    expect(source.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    expect(source).toMatchObject({ reading: 0, failure: undefined })
    // The same copy without the gateway does move them.
    const { host } = new URL(standIn.url)
    await copy(`docker://${host}/${REPOSITORY}@${made.digest}`, `dir:${directory()}`, host, ADMIN)
    expect(await pulls()).not.toEqual(before)
  })

  test('an index with attestations, into another registry', async () => {
    const made = index()
    const before = await pulls()
    standIn.resetRequests()
    await take(open(made), made, inTarget('2.0'))
    expect(target.registry.artifact('library/copied', '2.0').digest).toBe(made.digest)
    expect(target.registry.artifact('library/copied', '2.0').references).toHaveLength(4)
    expect(await pulls()).toEqual(before)
    // Nothing but manifests and blobs, each by digest; no referrers and no tags.
    const asked = standIn.requests.filter(({ path: url }) => url !== '/api/v2.0/ping')
    expect(asked.length).toBeGreaterThanOrEqual(5)
    for (const request of asked) {
      expect(request).toMatchObject({
        method: 'GET',
        status: 200,
        userAgent: 'harbor-registry-client',
        user: 'admin',
      })
      expect(request.path).toMatch(/^\/v2\/library\/team\/app\/(?:manifests|blobs)\/sha256:[0-9a-f]{64}$/)
    }
    const { host } = new URL(standIn.url)
    await copy(`docker://${host}/${REPOSITORY}@${made.digest}`, `dir:${directory()}`, host, ADMIN)
    expect(await pulls()).not.toEqual(before)
  })

  test('a signature, a chart, and an image in formats of Docker', async () => {
    const signed = image('v1')
    const kinds = [
      builder.sign(REPOSITORY, signed.digest, 'sig', LONG_AGO),
      builder.chart(REPOSITORY, { name: 'chart', version: '1.0.0', pushed: LONG_AGO }),
      builder.image(REPOSITORY, { docker: true, layers: ['docker'], pushed: LONG_AGO }),
      builder.refer(signed, 'application/spdx+json', 'sbom', LONG_AGO),
    ]
    const before = await pulls()
    for (const made of kinds) {
      const out = directory()
      await take(open(made), made, `dir:${out}`)
      expect(digestIn(out)).toBe(made.digest)
    }
    expect(await pulls()).toEqual(before)
  })
})

describe('whatever goes wrong on the way', () => {
  const passing: readonly [string, Fault][] = [
    ['500', { kind: 'error', status: 500 }],
    ['502 in HTML', { kind: 'html', status: 502 }],
    ['429', { kind: 'busy', retryAfter: 0 }],
    ['a cut', { kind: 'cut', acted: false }],
    ['a part', { kind: 'truncate', bytes: 300 }],
    ['a part that passes for all', { kind: 'truncate', bytes: 300, complete: true }],
  ]
  test.each(passing)('once with each request: %s', async (_what, fault) => {
    const made = index()
    const [source, out] = [open(made), directory()]
    const contents = [
      ...standIn.registry.blobs.keys(),
      ...standIn.registry.repository(REPOSITORY).artifacts.keys(),
    ]
    for (const digest of contents) {
      standIn.faults.inject({ path: digest, fault })
    }
    await take(source, made, `dir:${out}`)
    expect(digestIn(out)).toBe(made.digest)
    expect(lab.retries.length).toBeGreaterThanOrEqual(5)
    expect(source.failure).toBeUndefined()
  })

  test('a large layer that is cut several times arrives in another registry', async () => {
    const made = image('v1', 12 * MIB)
    const layer = made.blobs.find(({ size }) => size === 12 * MIB)?.digest ?? ''
    standIn.faults.inject({ path: layer, times: 6, fault: { kind: 'truncate', bytes: 1.7 * MIB } })
    const source = open(made)
    await take(source, made, inTarget('v1'))
    const copied = target.registry.artifact('library/copied', 'v1')
    expect([copied.digest, copied.size]).toEqual([made.digest, made.size])
    expect(lab.retries).toHaveLength(6)
    expect(source.bytes).toBeGreaterThan(12 * MIB)
  })

  const lasting: readonly [string, Fault][] = [
    ...passing,
    ['a small part of a layer', { kind: 'truncate', bytes: 1000 }],
  ]
  test.each(lasting)('every time with the layer: %s', async (_what, fault) => {
    const made = image('v1')
    const layer = made.blobs.find(({ size }) => size === 5 * MIB)?.digest ?? ''
    standIn.faults.inject({ path: layer, times: 1000, fault })
    const source = open(made)
    const secrets = [source.password, ADMIN.password, Buffer.from(`:${ADMIN.password}`).toString('base64')]
    const out = directory()
    const error: unknown = await take(source, made, `dir:${out}`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 1 })
    expect(source.failure?.message).toContain(`GET /v2/${REPOSITORY}/blobs/${layer}: `)
    // skopeo gives a blob its name when it is whole.
    for (const absent of ['manifest.json', layer.replace('sha256:', '')]) {
      expect(readdirSync(out)).not.toContain(absent)
    }
    const told = inspect([error, source.failure, lab.retries], { depth: 10 })
    for (const secret of secrets) expect(told).not.toContain(secret)
  })

  test.each(lasting.slice(0, 6))('every time with the manifest: %s', async (_what, fault) => {
    const made = image('v1')
    standIn.faults.inject({ path: `manifests/${made.digest}`, times: 1000, fault })
    const source = open(made)
    await expect(take(source, made, inTarget('v1'))).rejects.toMatchObject({ code: 1 })
    expect(source.failure?.message).toContain(`GET /v2/${REPOSITORY}/manifests/${made.digest}: `)
    expect(source.bytes).toBe(0)
    expect(target.registry.findRepository('library/copied')?.artifacts.size ?? 0).toBe(0)
  })
})

describe('is refused', () => {
  test('without the password, with a wrong one, and with that of another copy', async () => {
    const [made, other] = [image('v1'), image('v2')]
    const source = open(made)
    standIn.resetRequests()
    const { username } = source
    for (const as of [
      { username: '', password: '' },
      { username, password: 'wrong' },
      { username: 'copy-9', password: source.password },
      ADMIN,
    ]) {
      const { host } = lab.gateway
      const from = `docker://${host}/${REPOSITORY}@${made.digest}`
      await expect(copy(from, `dir:${directory()}`, host, as)).rejects.toThrow('unauthorized')
    }
    await expect(take(open(other), made, `dir:${directory()}`)).rejects.toThrow(
      "isn't part of what is copied",
    )
    expect(standIn.requests).toEqual([])
  })

  test('to write', async () => {
    const made = image('v1')
    const source = open(made)
    const { host } = lab.gateway
    const there = `docker://${host}/${REPOSITORY}:new`
    const from = `docker://${host}/${REPOSITORY}@${made.digest}`
    const authfile = path.join(folder, 'auth-write.json')
    const auth = Buffer.from(`${source.username}:${source.password}`).toString('base64')
    writeFileSync(authfile, JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 })
    const tls = ['--src-tls-verify=false', '--dest-tls-verify=false']
    await expect(
      run('skopeo', ['--policy', policy, 'copy', '--authfile', authfile, ...tls, from, there], {
        timeout: 30_000,
      }),
    ).rejects.toMatchObject({ code: 1 })
    expect(standIn.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([])
  })
})

test('a copy ends when the gateway is closed', async () => {
  const made = image('v1')
  const layer = made.blobs.find(({ size }) => size === 5 * MIB)?.digest ?? ''
  standIn.faults.inject({ path: layer, times: 1000, fault: { kind: 'hang' } })
  const source = open(made)
  const out = directory()
  const copying = take(source, made, `dir:${out}`).catch((error: unknown) => error)
  await until(() => standIn.requests.some(({ path: url }) => url.includes(layer)))
  await lab.gateway.close()
  expect(await copying).toMatchObject({ code: 1 })
  expect(source.reading).toBe(0)
  expect(readdirSync(out)).not.toContain('manifest.json')
})
