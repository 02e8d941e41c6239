// Who may read what through the gateway, and what Harbor sees of it.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Agent } from 'undici'
import { startGateway, type Source } from '../../src/mirror/gateway.ts'
import { ADMIN } from '../helpers/connect.ts'
import { serve } from '../helpers/server.ts'
import {
  ask,
  basic,
  digestOf,
  gatewayTo,
  image,
  REPOSITORY,
  sendLayer,
  until,
  upstreamOf,
  type Image,
  type Lab,
  type Upstream,
} from './gateway-lab.ts'

const OTHER = digestOf('other')

let app: Image
let upstream: Upstream
let lab: Lab
let source: Source

beforeEach(async () => {
  app = image(100_000)
  upstream = await upstreamOf(app, (request, response) => {
    sendLayer(app.layer, request, response)
  })
  lab = await gatewayTo(upstream.server.url)
  source = lab.gateway.open({ repository: REPOSITORY, digests: [app.digest] })
})
afterEach(async () => {
  await lab.close()
  await upstream.server.close()
})

test('hands out a manifest, then what it references, and counts the bytes', async () => {
  const manifest = await ask(lab.gateway, app.manifestPath, source)
  expect(manifest).toMatchObject({ status: 200, whole: true, body: Buffer.from(app.manifest) })
  expect(manifest.headers).toMatchObject({
    'content-type': 'application/vnd.oci.image.manifest.v1+json',
    'docker-content-digest': app.digest,
    'docker-distribution-api-version': 'registry/2.0',
  })
  const layer = await ask(lab.gateway, app.layerPath, source)
  expect(layer.status).toBe(200)
  expect(layer.body.equals(app.layer)).toBe(true)
  expect(source).toMatchObject({
    bytes: app.manifest.length + app.layer.length,
    reading: 0,
    failure: undefined,
  })
  expect(lab.retries).toEqual([])
})

test('answers HEAD without a body, and counts none', async () => {
  const manifest = await ask(lab.gateway, app.manifestPath, source, { method: 'HEAD' })
  expect(manifest).toMatchObject({ status: 200, body: Buffer.alloc(0) })
  expect(manifest.headers['content-length']).toBe(String(app.manifest.length))
  const layer = await ask(lab.gateway, app.layerPath, source, { method: 'HEAD' })
  expect(layer).toMatchObject({ status: 200, body: Buffer.alloc(0) })
  expect(layer.headers['content-length']).toBe('100000')
  expect(upstream.layerRequests.map(({ method }) => method)).toEqual(['HEAD'])
  expect(source.bytes).toBe(0)
})

test('counts for each copy on its own, also of the same repository', async () => {
  const second = lab.gateway.open({ repository: REPOSITORY, digests: [app.digest] })
  await ask(lab.gateway, app.manifestPath, source)
  await ask(lab.gateway, app.manifestPath, second)
  await ask(lab.gateway, app.layerPath, second)
  expect(source.bytes).toBe(app.manifest.length)
  expect(second.bytes).toBe(app.manifest.length + app.layer.length)
  expect(second.movedAt).toBeGreaterThan(source.movedAt)
  expect(second.password).not.toBe(source.password)
  expect(Buffer.from(source.password, 'base64url')).toHaveLength(32)
})

describe('asks Harbor', () => {
  test('by the name that does not count, with its own credentials, and nothing of the client but Accept', async () => {
    await ask(lab.gateway, app.manifestPath, source, {
      headers: {
        accept: 'application/vnd.oci.image.manifest.v1+json',
        cookie: 'sid=1',
        'x-forwarded-for': '10.0.0.1',
        'user-agent': 'skopeo',
        connection: 'close, x-hop',
        'x-hop': '1',
        range: 'bytes=0-1',
        'if-none-match': `"${app.digest}"`,
      },
    })
    const [seen] = upstream.server.requests
    expect(seen?.headers).toEqual({
      host: new URL(upstream.server.url).host,
      connection: 'keep-alive',
      accept: 'application/vnd.oci.image.manifest.v1+json',
      'accept-encoding': 'identity',
      'user-agent': 'harbor-registry-client',
      authorization: basic(ADMIN),
    })
  })

  test('under its path prefix', async () => {
    const prefixed = await serve((request, response) => {
      response.writeHead(request.url === `/prefix${app.manifestPath}` ? 200 : 404).end(app.manifest)
    })
    const other = await gatewayTo(`${prefixed.url}/prefix`)
    const reader = other.gateway.open({ repository: REPOSITORY, digests: [app.digest] })
    expect((await ask(other.gateway, app.manifestPath, reader)).status).toBe(200)
    await other.close()
    await prefixed.close()
  })
})

describe('lets nobody else read', () => {
  const strangers: readonly [string, (right: Source) => string][] = [
    ['nothing', () => ''],
    ['another password', ({ username }) => basic({ username, password: 'A'.repeat(43) })],
    ['no password', ({ username }) => basic({ username, password: '' })],
    ['another user', ({ password }) => basic({ username: 'copy-2', password })],
    ["Harbor's credentials", () => basic(ADMIN)],
    ['a property of every object', ({ password }) => basic({ username: 'constructor', password })],
    ['the password as a token', ({ password }) => `Bearer ${password}`],
    ['what is no base64', () => 'Basic %%%'],
    ['no colon', () => `Basic ${Buffer.from('copy-1').toString('base64')}`],
  ]
  test.each(strangers)('with %s', async (_what, authorization) => {
    const paths = ['/v2/', app.manifestPath, app.layerPath, '/', '/v2/_catalog']
    for (const path of paths) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const headers = { authorization: authorization(source) }
        const got = await ask(lab.gateway, path, undefined, { method, headers })
        expect(got.status).toBe(401)
        expect(got.headers['www-authenticate']).toBe('Basic realm="harbor-dredge"')
        expect(got.body.length).toBeLessThan(200)
      }
    }
    expect(upstream.server.requests).toEqual([])
    expect(source.bytes).toBe(0)
  })

  test('once its copy is over', async () => {
    await ask(lab.gateway, app.manifestPath, source)
    source.close()
    expect((await ask(lab.gateway, app.layerPath, source)).status).toBe(401)
  })

  test('what another copy reads', async () => {
    const second = lab.gateway.open({ repository: 'team/second', digests: [OTHER] })
    await ask(lab.gateway, app.manifestPath, source)
    for (const path of [app.manifestPath, app.layerPath]) {
      expect((await ask(lab.gateway, path, second)).status).toBe(403)
    }
  })
})

describe('refuses', () => {
  test('what is not part of the copy', async () => {
    const paths = [
      app.layerPath,
      `/v2/${REPOSITORY}/manifests/${OTHER}`,
      `/v2/${REPOSITORY}/manifests/latest`,
      `/v2/${REPOSITORY}/blobs/${app.digest}`,
      `/v2/team/other/manifests/${app.digest}`,
      `/v2/team//app/manifests/${app.digest}`,
      `/v2/team/app/../app/manifests/${app.digest}`,
      `/v2/team%2fapp/manifests/${app.digest}`,
      `${app.manifestPath}?ns=x`,
    ]
    for (const path of paths) {
      const got = await ask(lab.gateway, path, source)
      expect([path, got.status]).toEqual([path, 403])
      expect(JSON.parse(got.body.toString())).toMatchObject({ errors: [{ code: 'DENIED' }] })
    }
    await ask(lab.gateway, app.manifestPath, source)
    expect(upstream.server.requests).toHaveLength(1)
    // A layer is no manifest, even after it became known.
    const layer = app.layerPath.replace('/blobs/', '/manifests/')
    expect((await ask(lab.gateway, layer, source)).status).toBe(403)
    expect((await ask(lab.gateway, app.layerPath.replace('app', 'other'), source)).status).toBe(403)
  })

  test('what it does not have', async () => {
    const paths = [
      '/v2',
      '/',
      '/v2/_catalog',
      `/v2/${REPOSITORY}/tags/list`,
      `/v2/${REPOSITORY}/referrers/${app.digest}`,
      `${app.manifestPath}/`,
      `${app.manifestPath}/x`,
      '/api/v2.0/users/current',
      '/service/token',
      `${upstream.server.url}/v2/`,
    ]
    for (const path of paths) {
      const got = await ask(lab.gateway, path, source)
      expect([path, got.status]).toEqual([path, 404])
    }
    expect(upstream.server.requests).toEqual([])
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])('%s', async (method) => {
    for (const path of ['/v2/', app.manifestPath, `/v2/${REPOSITORY}/blobs/uploads/`]) {
      const got = await ask(lab.gateway, path, source, { method })
      expect(got).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    }
    expect(upstream.server.requests).toEqual([])
  })

  test('CONNECT, and addresses of others', async () => {
    const [address = '', port = ''] = lab.gateway.host.split(':')
    for (const line of [`CONNECT ${new URL(upstream.server.url).host}`, `GET ${upstream.server.url}/v2/`]) {
      const socket = connect(Number(port), address)
      socket.write(
        `${line} HTTP/1.1\r\nhost: x\r\nauthorization: ${basic(source)}\r\nconnection: close\r\n\r\n`,
      )
      let answer = ''
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString()
      })
      await once(socket, 'close')
      expect(answer).not.toContain('HTTP/1.1 200')
    }
    expect(upstream.server.requests).toEqual([])
  })

  test.each([
    ['../evil', OTHER],
    ['team/app?x', OTHER],
    ['Team/App', OTHER],
    ['', OTHER],
    [REPOSITORY, 'latest'],
    [REPOSITORY, `${OTHER}/../x`],
    [REPOSITORY, 'md5:00000000000000000000000000000000'],
  ])('to open %s@%s', (repository, digest) => {
    expect(() => lab.gateway.open({ repository, digests: [digest] })).toThrow(
      'no repository or digest that can be copied',
    )
  })
})

describe('close', () => {
  test('frees the port, refuses what is new, and may be said twice', async () => {
    const [address = '', port = ''] = lab.gateway.host.split(':')
    expect(address).toBe('127.0.0.1')
    const idle = connect(Number(port), address)
    await once(idle, 'connect')
    const gone = once(idle, 'close')
    await Promise.all([lab.gateway.close(), lab.gateway.close()])
    await gone
    const taken = createServer().listen(Number(port), address)
    await once(taken, 'listening')
    taken.close()
    expect(() => lab.gateway.open({ repository: REPOSITORY, digests: [] })).toThrow('closed')
  })

  test.each(['gateway', 'source'])('of the %s ends what is under way, here and upstream', async (which) => {
    let ended = false
    const hanging = await upstreamOf(app, (_request, response) => {
      response.on('close', () => {
        ended = true
      })
      response.writeHead(200, { 'content-length': app.layer.length }).write(app.layer.subarray(0, 1000))
    })
    const other = await gatewayTo(hanging.server.url)
    const reader = other.gateway.open({ repository: REPOSITORY, digests: [app.digest] })
    await ask(other.gateway, app.manifestPath, reader)
    const reading = ask(other.gateway, app.layerPath, reader)
    await until(() => reader.bytes >= app.manifest.length + 1000)
    expect(reader.reading).toBe(1)
    if (which === 'gateway') await other.gateway.close()
    else reader.close()
    expect(await reading).toMatchObject({ status: 200, whole: false })
    expect(reader).toMatchObject({ reading: 0, failure: undefined })
    await until(() => ended)
    expect(other.retries).toEqual([])
    await other.close()
    await hanging.server.close()
  })

  test('does not wait for the pause before another try', async () => {
    const busy = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '60' }).end()
    })
    const dispatcher = new Agent()
    let pauses = 0
    const patient = await startGateway({
      harbor: { url: busy.url, dispatcher },
      onRetry: () => {
        pauses += 1
      },
    })
    const reader = patient.open({ repository: REPOSITORY, digests: [app.digest] })
    const reading = ask(patient, app.manifestPath, reader).catch((error: unknown) => error)
    await until(() => pauses > 0)
    const begin = performance.now()
    await patient.close()
    expect(performance.now() - begin).toBeLessThan(10_000)
    expect(await reading).toMatchObject({ code: 'ECONNRESET' })
    await dispatcher.destroy()
    await busy.close()
  })
})
