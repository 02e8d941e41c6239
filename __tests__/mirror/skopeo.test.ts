// Copies with a real skopeo, from one stand-in to another: what arrives, what it is told, what it tries again.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import path from 'node:path'
import process from 'node:process'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test as always } from '@jest/globals'
import { type CopyFailure, findSkopeo, type Skopeo, SkopeoSession } from '../../src/mirror/skopeo.ts'
import { bytesOf } from '../../stand-in/state/content.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { Lab, ONCE, ROBOT } from './skopeo-lab.ts'

/** Machines without it do without these. */
const test = spawnSync('skopeo', ['--version']).status === 0 ? always : always.skip
const QUICK = { attempts: 4, pause: 1, longest: 2 }

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

describe('what arrives', () => {
  test('an image, by a tag', async () => {
    expect(await lab.copy(skopeo, lab.request('team/app:v1'))).toEqual({ ok: true, attempts: 1 })
    expect(lab.target.registry.artifact('team/app', 'v1')).toMatchObject({
      digest: lab.image.digest,
      size: lab.image.size,
    })
  })

  test('an index with all platforms and attestations, and every byte of them', async () => {
    const source = { ...lab.side(lab.source, 'team/multi'), digest: lab.index.digest }
    expect(await lab.copy(skopeo, lab.request('team/multi:2.0', { source }))).toMatchObject({ ok: true })
    const copied = lab.target.registry.artifact('team/multi', '2.0')
    expect(copied.digest).toBe(lab.index.digest)
    expect(copied.references.map(({ child }) => child.digest)).toEqual(
      lab.index.references.map(({ child }) => child.digest),
    )
    expect(copied.references).toHaveLength(6)
    for (const blob of copied.references.flatMap(({ child }) => child.blobs)) {
      expect(bytesOf(blob.content)).toHaveLength(blob.size)
    }
  })

  test('an image without a tag, by its digest', async () => {
    const request = lab.request('team/untagged:v1')
    const target = { ...request.target, reference: lab.image.digest }
    expect(await lab.copy(skopeo, { ...request, target })).toMatchObject({ ok: true })
    expect(lab.target.registry.artifact('team/untagged', lab.image.digest).tags).toEqual([])
  })

  test("Docker's own format, and a chart", async () => {
    const docker = lab.builder.image('team/old', { docker: true, layers: ['old'] })
    const chart = lab.builder.chart('team/chart', { name: 'c', version: '1.0.0', tags: ['1.0.0'] })
    const session = new SkopeoSession(skopeo, { temp: lab.temp, retry: ONCE })
    for (const { repository, digest } of [docker, chart]) {
      const source = { ...lab.side(lab.source, repository.name), digest }
      expect(await session.copy(lab.request(`${repository.name}:x`, { source }))).toMatchObject({ ok: true })
      expect(lab.target.registry.artifact(repository.name, 'x').digest).toBe(digest)
    }
    await session.close()
  })

  test('many at once, in one session', async () => {
    const session = new SkopeoSession(skopeo, { temp: lab.temp, retry: ONCE })
    const copies = Array.from({ length: 8 }, (_, index) => session.copy(lab.request(`team/many/${index}:v1`)))
    expect((await Promise.all(copies)).every(({ ok }) => ok)).toBe(true)
    await session.close()
    expect(lab.left()).toEqual([])
  })

  test('on a disk without room: nothing is written there that matters', async () => {
    const full = lab.fake(`ulimit -f 0; exec '${skopeo.path}' "$@"`)
    expect(await lab.copy(full, lab.request('team/full:v1'))).toMatchObject({ ok: true })
    expect(lab.target.registry.artifact('team/full', 'v1').digest).toBe(lab.image.digest)
  })
})

describe('what it is told', () => {
  test('one account for each side, also where both are one registry', async () => {
    const request = lab.request('team/same:v1')
    const [{ registry }] = [request.source]
    const target = {
      ...request.target,
      registry,
      credentials: { username: 'admin', password: 'Harbor12345' },
    }
    expect(await lab.copy(skopeo, { ...request, target })).toMatchObject({ ok: true })
    const swapped = { ...target, credentials: { ...ROBOT, password: 'wrong' } }
    expect(await lab.copy(skopeo, { ...request, target: swapped })).toMatchObject({ kind: 'denied' })
    expect(lab.source.registry.artifact('team/same', 'v1').digest).toBe(lab.image.digest)
  })

  test('a command in which there is nothing but names', async () => {
    const commands: string[] = []
    await lab.copy(skopeo, lab.request('team/app:v1', { onCommand: (command) => commands.push(command) }))
    expect(commands).toHaveLength(1)
    const folder = String.raw`${lab.temp}/harbor-dredge-skopeo-\w{6}`
    const [from, to] = [lab.source, lab.target].map(({ url }) => new URL(url).host)
    expect(commands[0]).toMatch(
      new RegExp(
        `^${skopeo.path} --policy ${folder}/policy.json --registries.d ${folder}/registries.d --tmpdir ${folder}/tmp ` +
          `copy --quiet --all --preserve-digests --remove-signatures ` +
          `--src-tls-verify=false --src-authfile ${folder}/auth-1.json ` +
          `--dest-tls-verify=false --dest-authfile ${folder}/auth-2.json ` +
          `docker://${from}/team/app@${lab.image.digest} docker://${to}/team/app:v1$`,
      ),
    )
  })

  test("nothing of what is set for this machine's user", async () => {
    const home = path.join(lab.temp, 'home')
    mkdirSync(path.join(home, '.config/containers'), { recursive: true })
    mkdirSync(path.join(home, '.docker'), { recursive: true })
    const { registry } = lab.side(lab.target, '')
    writeFileSync(
      path.join(home, '.config/containers/registries.conf'),
      `[[registry]]\nprefix = "${registry}"\nblocked = true\n`,
    )
    const auth = Buffer.from('admin:Harbor12345').toString('base64')
    writeFileSync(
      path.join(home, '.docker/config.json'),
      JSON.stringify({ auths: { [registry]: { auth } }, credsStore: 'nope' }),
    )
    const before = { ...process.env }
    Object.assign(process.env, { HOME: home, REGISTRY_AUTH_FILE: path.join(home, '.docker/config.json') })
    const request = lab.request('team/home:v1')
    try {
      expect(await lab.copy(skopeo, request)).toMatchObject({ ok: true })
      const nobody = { ...request, target: { ...request.target, credentials: undefined } }
      expect(await lab.copy(skopeo, nobody)).toMatchObject({ kind: 'denied' })
    } finally {
      Object.assign(process.env, { HOME: before['HOME'] })
      delete process.env['REGISTRY_AUTH_FILE']
    }
  })

  test('an authority of its own for a side, and nobody else is trusted', async () => {
    const certificate = selfSigned('IP:127.0.0.1')
    const basic = `Basic ${Buffer.from('admin:Harbor12345').toString('base64')}`
    const answer = async (
      { url = '', headers }: IncomingMessage,
      outgoing: ServerResponse,
    ): Promise<void> => {
      const { accept = '*/*' } = headers
      const given = await fetch(`${lab.source.url}${url}`, { headers: { authorization: basic, accept } })
      outgoing.setHeader('content-type', given.headers.get('content-type') ?? '')
      outgoing.writeHead(url === '/v2/' ? 200 : given.status).end(Buffer.from(await given.arrayBuffer()))
    }
    const server = createServer(certificate, (incoming, outgoing) => {
      void answer(incoming, outgoing)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const registry = `127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
    const request = lab.request('team/tls:v1')
    const source = { ...request.source, registry, tlsVerify: true, credentials: undefined }
    try {
      expect(await lab.copy(skopeo, { ...request, source })).toMatchObject({
        kind: 'unknown',
        words: expect.stringMatching(/x509: certificate/),
      })
      const trusting = { ...source, ca: certificate.cert }
      expect(await lab.copy(skopeo, { ...request, source: trusting })).toMatchObject({ ok: true })
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })

  always.each([
    ['a host that would be a project of Docker Hub', { registry: 'harbor' }],
    ['a URL', { registry: 'https://harbor.example' }],
    ['a tag in the repository', { repository: 'team/app:v1' }],
    ['capitals', { repository: 'Team/app' }],
    ['a tag that is none', { reference: '-v1' }],
    ['half a digest', { reference: 'sha256:abc' }],
    ['a line break', { reference: 'v1\n' }],
  ])('never %s', async (_what, wrong) => {
    const request = lab.request('team/app:v1')
    const target = { ...request.target, ...wrong }
    const outcome = await lab.copy(lab.fake('exit 0'), { ...request, target })
    expect(outcome).toMatchObject({
      kind: 'unsupported',
      words: expect.stringMatching(/^skopeo can't be told of "/),
    })
  })

  always.each(['harbor:443', 'harbor.example', 'localhost', '127.0.0.1:5000', 'h-1.example.com:8443'])(
    'but of %s',
    async (registry) => {
      const request = lab.request('team/app:v1')
      const target = { ...request.target, registry }
      expect(await lab.copy(lab.fake('exit 0'), { ...request, target })).toMatchObject({ ok: true })
    },
  )
})

describe('what it tries again', () => {
  test('a 503 of the target: it is told, and then it is done', async () => {
    const told: CopyFailure[] = []
    lab.target.faults.inject({
      method: 'PUT',
      path: '/manifests/',
      times: 2,
      fault: { kind: 'error', status: 503 },
    })
    const request = lab.request('team/again:v1', { onRetry: (failure) => told.push(failure) })
    expect(await lab.copy(skopeo, request, QUICK)).toEqual({ ok: true, attempts: 3 })
    expect(told.map(({ kind, attempts }) => [kind, attempts])).toEqual([
      ['transient', 1],
      ['transient', 2],
    ])
    expect(lab.target.registry.artifact('team/again', 'v1').digest).toBe(lab.image.digest)
  })

  test('no more often than it may', async () => {
    const fault = lab.source.faults.inject({
      path: '/manifests/',
      times: Infinity,
      fault: { kind: 'cut', acted: false },
    })
    expect(await lab.copy(skopeo, lab.request('team/never:v1'), QUICK)).toMatchObject({
      ok: false,
      kind: 'transient',
      attempts: 4,
    })
    expect(fault.hits).toBe(4)
  })

  test('nothing that stays as it is', async () => {
    const request = lab.request('team/none:v1')
    const source = { ...request.source, repository: 'team/none' }
    expect(await lab.copy(skopeo, { ...request, source }, QUICK)).toMatchObject({
      kind: 'not-found',
      attempts: 1,
    })
  })

  always('with longer and longer pauses', async () => {
    const pauses: number[] = []
    const skopeoThatFails = lab.fake('echo "received unexpected HTTP status: 502 Bad Gateway" >&2; exit 1')
    const request = lab.request('team/x:v1', { onRetry: (_failure, pause) => pauses.push(pause) })
    await lab.copy(skopeoThatFails, request, { attempts: 5, pause: 8, longest: 40 })
    expect(pauses).toHaveLength(4)
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(Math.min(40, 4 * 2 ** index))
      expect(pause).toBeLessThanOrEqual(Math.min(40, 8 * 2 ** index))
    }
  })
})
