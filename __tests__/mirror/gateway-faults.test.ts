// Whatever goes wrong between the gateway and Harbor, a reader gets the whole of what it asked for, or can tell that
// it didn't.
import { request as send, type IncomingMessage } from 'node:http'
import process from 'node:process'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Source } from '../../src/mirror/gateway.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { harborError, inTurn, serve, type Reply, type Server } from '../helpers/server.ts'
import {
  ask,
  basic,
  cutLayer,
  digestOf,
  gatewayTo,
  image,
  REPOSITORY,
  sendLayer,
  startOf,
  until,
  upstreamOf,
  type AnsweringLayer,
  type Got,
  type Image,
  type Lab,
  type Upstream,
} from './gateway-lab.ts'

const MIB = 2 ** 20
const HTML = '<html><head><title>502 Bad Gateway</title></head></html>'

let app: Image
let lab: Lab
let source: Source
let upstream: Upstream
let closing: (() => Promise<void>)[] = []

beforeEach(() => {
  app = image(5 * MIB)
})
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
  closing = []
})

async function read(
  answer: AnsweringLayer,
  options?: Parameters<typeof gatewayTo>[1],
  method = 'GET',
): Promise<Got> {
  await begin(answer, options)
  return ask(lab.gateway, app.layerPath, source, { method })
}

async function begin(answer: AnsweringLayer, options?: Parameters<typeof gatewayTo>[1]): Promise<void> {
  upstream = await upstreamOf(app, answer)
  lab = await gatewayTo(upstream.server.url, options)
  closing.push(upstream.server.close, lab.close)
  source = lab.gateway.open({ repository: REPOSITORY, digests: [app.digest] })
  await ask(lab.gateway, app.manifestPath, source)
}

const starts = (): number[] => upstream.layerRequests.map((request) => startOf(request))

async function expectWhole(got: Got): Promise<void> {
  // The last byte arrives a moment before its request is over.
  await until(() => source.reading === 0)
  expect(got).toMatchObject({
    status: 200,
    whole: true,
    headers: { 'content-length': String(app.layer.length) },
  })
  expect(got.body.equals(app.layer)).toBe(true)
  expect(source).toMatchObject({
    bytes: app.manifest.length + app.layer.length,
    failure: undefined,
    reading: 0,
  })
}

describe('a blob goes on where it broke off', () => {
  test('cut several times', async () => {
    const got = await read((request, response, nth) => {
      if (nth <= 4) cutLayer(app.layer, 1.1 * MIB, request, response)
      else sendLayer(app.layer, request, response)
    })
    await expectWhole(got)
    expect(starts()).toHaveLength(5)
    expect(starts().toSorted((a, b) => a - b)).toEqual(starts())
    expect(new Set(starts()).size).toBe(5)
    expect(lab.retries).toHaveLength(4)
  })

  test('cut before the first byte, and on a limit of our own', async () => {
    const got = await read(
      (request, response, nth) => {
        if (nth === 1) request.socket.destroy()
        else sendLayer(app.layer, request, response)
      },
      { maxResponseSize: 2 * MIB },
    )
    await expectWhole(got)
    expect(lab.retries.map(({ code }) => code)).toEqual([
      'UND_ERR_SOCKET',
      'UND_ERR_RES_EXCEEDED_MAX_SIZE',
      'UND_ERR_RES_EXCEEDED_MAX_SIZE',
    ])
  })

  test('with errors in between', async () => {
    const got = await read((request, response, nth) => {
      if (nth % 2 === 1 && nth < 6) cutLayer(app.layer, 1.2 * MIB, request, response)
      else if (nth === 2) response.writeHead(500).end(harborError('UNKNOWN', 'internal server error'))
      else if (nth === 4) response.writeHead(429, { 'retry-after': '0' }).end()
      else sendLayer(app.layer, request, response)
    })
    await expectWhole(got)
    expect(lab.retries.map(({ status }) => status)).toEqual([0, 500, 0, 429, 0])
  })

  test('where the server knows no ranges', async () => {
    const got = await read((_request, response, nth) => {
      response.writeHead(200, { 'content-length': app.layer.length })
      if (nth === 1) response.write(app.layer.subarray(0, 3 * MIB), () => response.destroy())
      else response.end(app.layer)
    })
    await expectWhole(got)
    expect(starts()[1]).toBeGreaterThan(0)
  })

  test('where the server gives a range only in parts', async () => {
    const got = await read((request, response) => {
      const start = startOf(request)
      const end = Math.min(start + 2 * MIB, app.layer.length) - 1
      response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${app.layer.length}` })
      response.end(app.layer.subarray(start, end + 1))
    })
    await expectWhole(got)
    expect(starts()).toEqual([0, 2 * MIB, 4 * MIB])
  })

  test('when it stops coming', async () => {
    const got = await read(
      (request, response, nth) => {
        if (nth > 1) sendLayer(app.layer, request, response)
        else response.writeHead(200, { 'content-length': app.layer.length }).write(app.layer.subarray(0, MIB))
      },
      { bodyTimeout: 300 },
    )
    await expectWhole(got)
    expect(lab.retries.map(({ code }) => code)).toEqual(['UND_ERR_BODY_TIMEOUT'])
  })

  test('without its length, and cut after the last byte', async () => {
    const got = await read((_request, response) => {
      response.writeHead(200)
      response.write(app.layer, () => response.destroy())
    })
    await expectWhole(got)
    expect(starts()).toEqual([0])
  })
})

describe('is tried again before the first byte', () => {
  const once500: readonly [string, Reply][] = [
    ['500', { status: 500, body: harborError('UNKNOWN', 'internal server error') }],
    ['502 in HTML', { status: 502, headers: { 'content-type': 'text/html' }, body: HTML }],
    ['503', { status: 503, body: '' }],
    ['429', { status: 429, headers: { 'retry-after': '0' }, body: '' }],
    ['an empty 200', { status: 200, headers: { 'content-length': '0' }, body: '' }],
    ['a short 200', { status: 200, headers: { 'content-length': '5' }, body: 'hello' }],
    ['204', { status: 204, body: '' }],
    ['compressed', { status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync('hello') }],
    ['another range', { status: 206, headers: { 'content-range': 'bytes 5-9/10' }, body: 'hello' }],
  ]
  test.each(once500)('after %s', async (_what, reply) => {
    const faulty = inTurn(reply)
    const got = await read((request, response, nth) => {
      if (nth === 1) faulty(request, response, 1)
      else sendLayer(app.layer, request, response)
    })
    await expectWhole(got)
    expect(lab.retries).toHaveLength(1)
  })

  test('no later than the longest pause, whatever Retry-After asks; the pause is no stall', async () => {
    await begin((request, response, nth) => {
      if (nth === 1) response.writeHead(429, { 'retry-after': '600' }).end()
      else sendLayer(app.layer, request, response)
    })
    const moved = source.movedAt
    await expectWhole(await ask(lab.gateway, app.layerPath, source))
    expect(source.movedAt).toBeGreaterThan(moved)
    expect(lab.retries.map(({ retryAfter }) => retryAfter)).toEqual(['600'])
  })

  test('HEAD too', async () => {
    const got = await read(
      (request, response, nth) => {
        if (nth === 1) response.writeHead(502, { 'content-type': 'text/html' }).end(HTML)
        else sendLayer(app.layer, request, response)
      },
      {},
      'HEAD',
    )
    expect(got).toMatchObject({ status: 200, headers: { 'content-length': String(app.layer.length) } })
  })
})

describe('what cannot be had in whole', () => {
  const always: readonly [string, AnsweringLayer, string][] = [
    [
      'cut each time',
      (request, response) => {
        cutLayer(app.layer, 1000, request, response)
      },
      'no answer: the connection was cut',
    ],
    [
      'cut for good',
      (request, response, nth) => {
        if (nth === 1) cutLayer(app.layer, 2 * MIB, request, response)
        else request.socket.destroy()
      },
      'no answer: the connection was cut',
    ],
    [
      'a range of something else',
      (request, response, nth) => {
        if (nth === 1) cutLayer(app.layer, MIB, request, response)
        else response.writeHead(206, { 'content-range': 'bytes 0-4/5' }).end('hello')
      },
      "the blob came as the range 'bytes 0-4/5'",
    ],
    [
      'a range without saying which',
      (request, response, nth) => {
        if (nth === 1) cutLayer(app.layer, MIB, request, response)
        else response.writeHead(206).end(app.layer.subarray(MIB))
      },
      "the blob came as the range ''",
    ],
    [
      'not there any more',
      (request, response, nth) => {
        if (nth === 1) cutLayer(app.layer, MIB, request, response)
        else response.writeHead(404).end(harborError('BLOB_UNKNOWN', 'blob unknown'))
      },
      'answered 404 BLOB_UNKNOWN',
    ],
    [
      'shorter, without a length',
      (request, response) => {
        response.writeHead(startOf(request) === 0 ? 200 : 206, {
          'content-range': `bytes ${startOf(request)}-${app.layer.length - 1}/${app.layer.length}`,
        })
        response.write(app.layer.subarray(startOf(request), 3 * MIB))
        response.end()
      },
      `the blob ends after ${3 * MIB} of ${5 * MIB} bytes`,
    ],
    [
      'longer, without a length',
      (_request, response) => {
        response.writeHead(200)
        response.end(Buffer.concat([app.layer, Buffer.alloc(MIB)]))
      },
      `the blob has more than the ${5 * MIB} bytes`,
    ],
  ]
  test.each(always)('%s: the connection is cut', async (_what, answer, words) => {
    const got = await read(answer)
    expect(got).toMatchObject({ status: 200, whole: false })
    expect(got.body.length).toBeLessThan(app.layer.length)
    expect(got.body.equals(app.layer.subarray(0, got.body.length))).toBe(true)
    expect(source.failure?.message).toContain(words)
    expect(source.failure?.message).toContain(`GET ${app.layerPath}: `)
  })

  const refused: readonly [string, Reply, number, string][] = [
    [
      'HTML',
      { status: 502, headers: { 'content-type': 'text/html' }, body: HTML },
      502,
      'an HTML page, not from Harbor',
    ],
    ['429', { status: 429, headers: { 'retry-after': '0' }, body: '' }, 502, 'limits requests'],
    [
      '404',
      { status: 404, body: harborError('BLOB_UNKNOWN', 'blob unknown to registry') },
      404,
      'BLOB_UNKNOWN',
    ],
    [
      '401',
      { status: 401, body: harborError('UNAUTHORIZED', 'unauthorized') },
      403,
      'give it repository:pull',
    ],
    ['403', { status: 403, body: harborError('FORBIDDEN', 'forbidden') }, 403, 'may not do this'],
    ['400', { status: 400, body: '' }, 502, 'answered 400'],
    [
      'short',
      { status: 200, headers: { 'content-length': '5' }, body: 'hello' },
      502,
      'has 5 bytes, not the 5242880',
    ],
    ['a redirect to nowhere', { status: 307, body: '' }, 502, 'answered 307'],
  ]
  test.each(refused)('%s: is told', async (_what, reply, status, words) => {
    const got = await read((request, response) => {
      inTurn(reply)(request, response, 1)
    })
    expect(got).toMatchObject({ status, whole: true })
    const told = parseJson<{ errors: [{ message: string }] }>(got.body.toString())
    expect(told.errors[0].message).toContain(words)
    expect(source.failure?.message).toBe(told.errors[0].message)
    expect(upstream.layerRequests.length).toBe([502, 429, 200].includes(reply.status ?? 0) ? 3 : 1)
  })
})

describe('a manifest', () => {
  async function manifest(...replies: readonly Reply[]): Promise<Got & { requests: number }> {
    const server = await serve(inTurn(...replies))
    lab = await gatewayTo(server.url)
    closing.push(server.close, lab.close)
    source = lab.gateway.open({ repository: REPOSITORY, digests: [app.digest] })
    return { ...(await ask(lab.gateway, app.manifestPath, source)), requests: server.requests.length }
  }
  const good = (): Reply => ({ body: app.manifest })
  const half = (): Reply => ({ body: app.manifest.slice(0, 100) })

  test.each([
    ['an error', (): Reply => ({ status: 500, body: '' })],
    ['an HTML page', (): Reply => ({ status: 502, body: HTML })],
    ['a page that passes for it', (): Reply => ({ status: 200, body: HTML })],
    ['429', (): Reply => ({ status: 429, headers: { 'retry-after': '0' }, body: '' })],
    ['a part', half],
    ['wrong bytes', (): Reply => ({ body: app.manifest.replace('2', '3') })],
  ])('after %s is read again', async (_what, fault) => {
    expect(await manifest(fault(), good())).toMatchObject({ status: 200, requests: 2 })
    expect(source.bytes).toBe(app.manifest.length)
  })

  test.each([
    [
      'wrong',
      (): Reply => ({ body: app.manifest.replace('2', '3') }),
      "isn't the manifest that was asked for",
      3,
    ],
    ['cut short', half, "isn't the manifest that was asked for", 3],
    ['too large', (): Reply => ({ body: Buffer.alloc(9 * MIB) }), 'over 8 MiB', 1],
    ['of the first format', (): Reply => ({ body: '{"schemaVersion": 1}' }), "Docker's first format", 3],
  ])('that is %s is not handed out, nor is what it references', async (_what, reply, words, requests) => {
    const got = await manifest(reply())
    expect(got).toMatchObject({ status: 502, whole: true, requests })
    expect(got.body.toString()).toContain(words)
    expect(source.failure?.message).toContain(words)
    expect(source.bytes).toBe(0)
    expect((await ask(lab.gateway, app.layerPath, source)).status).toBe(403)
  })

  test('with references that are none lets through no more', async () => {
    const odd = JSON.stringify({
      config: { digest: '../../secret', size: 1 },
      layers: [{ digest: app.digest }, null, { digest: app.digest, size: -1 }],
      manifests: 'none',
    })
    const digest = digestOf(odd)
    const server = await serve(inTurn({ body: odd }))
    lab = await gatewayTo(server.url)
    closing.push(server.close, lab.close)
    source = lab.gateway.open({ repository: REPOSITORY, digests: [digest] })
    expect((await ask(lab.gateway, `/v2/${REPOSITORY}/manifests/${digest}`, source)).status).toBe(200)
    for (const path of [`blobs/${app.digest}`, `manifests/${app.digest}`]) {
      expect((await ask(lab.gateway, `/v2/${REPOSITORY}/${path}`, source)).status).toBe(403)
    }
  })
})

describe('redirects', () => {
  const SIGNED = '/bucket/blob?X-Amz-Signature=topsecret'

  async function redirected(answer: AnsweringLayer): Promise<{ got: Got; storage: Server }> {
    let nth = 0
    const storage = await serve((request, response) => {
      answer(request, response, (nth += 1))
    })
    closing.push(storage.close)
    const got = await read((_request, response) => {
      response
        .writeHead(307, { location: `${storage.url}${SIGNED}` })
        .end('<a href="…">Temporary Redirect</a>.')
    })
    return { got, storage }
  }

  test('to a storage are followed without credentials, each time anew', async () => {
    const { got, storage } = await redirected((request, response, nth) => {
      if (nth === 1) cutLayer(app.layer, 2 * MIB, request, response)
      else sendLayer(app.layer, request, response)
    })
    await expectWhole(got)
    expect(got.headers['location']).toBeUndefined()
    expect(upstream.layerRequests).toHaveLength(2)
    expect(storage.requests.map(({ url }) => url)).toEqual([SIGNED, SIGNED])
    for (const { headers } of storage.requests) {
      expect(Object.keys(headers).toSorted()).toEqual(
        expect.arrayContaining(['accept-encoding', 'connection', 'host', 'user-agent']),
      )
      expect(headers.authorization).toBeUndefined()
    }
    // Harbor's connection is still good: what it says with a redirect is read.
    expect(upstream.server.connections).toBe(1)
  })

  test('back to Harbor do not get the credentials again', async () => {
    const { got } = await redirected((_request, response) => {
      response.writeHead(302, { location: `${upstream.server.url}/v2/back` }).end()
    })
    expect(got.status).toBe(502)
    const back = upstream.layerRequests.filter(({ url }) => url === '/v2/back')
    expect(back.map(({ headers }) => headers.authorization)).toEqual(back.map(() => undefined))
    expect(back.length).toBeGreaterThan(0)
  })

  test('within Harbor keep them', async () => {
    const got = await read((request, response) => {
      if (request.url === app.layerPath) response.writeHead(308, { location: '/moved' }).end()
      else sendLayer(app.layer, request, response)
    })
    await expectWhole(got)
    expect(upstream.layerRequests[1]?.headers.authorization).toBe(
      upstream.layerRequests[0]?.headers.authorization,
    )
  })

  test('to a storage that refuses or is gone are told, without their signature', async () => {
    const refusing = await redirected((_request, response) => {
      response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>')
    })
    expect(refusing.got.status).toBe(403)
    expect(source.failure?.message).toContain(`redirects to ${refusing.storage.url}, which answered 403; `)
    expect(JSON.stringify([source.failure, refusing.got.body.toString()])).not.toContain('topsecret')
    await refusing.storage.close()
    closing = closing.filter((close) => close !== refusing.storage.close)
    const got = await ask(lab.gateway, app.layerPath, source)
    expect(got.status).toBe(502)
    expect(source.failure?.message).toContain(
      `redirects to ${refusing.storage.url}, from where no answer came`,
    )
    expect(source.failure?.message).toContain('ECONNREFUSED')
    expect(got.body.toString()).not.toContain('topsecret')
  })

  test('in circles end', async () => {
    const got = await read((_request, response) => {
      response.writeHead(307, { location: app.layerPath }).end()
    })
    expect(got.status).toBe(502)
    expect(upstream.layerRequests).toHaveLength(6)
    expect(source.failure?.message).toContain('redirects more than 5 times')
  })
})

describe('a reader', () => {
  const LARGE = 200 * MIB

  async function slow(options?: Parameters<typeof gatewayTo>[1]): Promise<{
    answer: IncomingMessage
    produced: () => number
    ended: () => boolean
  }> {
    const manifest = JSON.stringify({ layers: [{ digest: app.digest, size: LARGE }] })
    const digest = digestOf(manifest)
    const large: Image = {
      ...app,
      manifest,
      digest,
      manifestPath: `/v2/${REPOSITORY}/manifests/${digest}`,
      layerPath: `/v2/${REPOSITORY}/blobs/${app.digest}`,
    }
    let [produced, ended] = [0, false]
    const chunk = Buffer.alloc(64 * 1024, 'x')
    function* produce(): Generator<Buffer> {
      for (; produced < LARGE; produced += chunk.length) yield chunk
    }
    upstream = await upstreamOf(large, (_request, response) => {
      response.on('close', () => {
        ended = true
      })
      response.writeHead(200, { 'content-length': LARGE })
      Readable.from(produce()).pipe(response)
    })
    lab = await gatewayTo(upstream.server.url, options)
    closing.push(upstream.server.close, lab.close)
    source = lab.gateway.open({ repository: REPOSITORY, digests: [digest] })
    await ask(lab.gateway, large.manifestPath, source)
    const outgoing = send(`http://${lab.gateway.host}${large.layerPath}`, {
      agent: false,
      headers: { authorization: basic(source) },
    })
    outgoing.end()
    const answer = await new Promise<IncomingMessage>((resolve) => {
      outgoing.on('response', resolve)
    })
    return { answer, produced: () => produced, ended: () => ended }
  }

  test('that is slow gets a blob no faster than it takes it, and is not taken for a stall', async () => {
    const before = process.memoryUsage()
    const { answer, produced } = await slow({ bodyTimeout: 200 })
    await sleep(1000)
    const after = process.memoryUsage()
    // What is produced and not taken is in the buffers of two connections on this machine.
    expect(produced()).toBeLessThan(LARGE / 4)
    expect(source.bytes).toBeLessThan(LARGE / 4)
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(LARGE / 2)
    let taken = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) taken += chunk.length
    expect(taken).toBe(LARGE)
    expect(lab.retries).toEqual([])
  })

  test('that goes away ends the reading from Harbor', async () => {
    const { answer, produced, ended } = await slow()
    answer.destroy()
    await until(() => ended() && source.reading === 0)
    expect(produced()).toBeLessThan(LARGE)
    expect(source.failure).toBeUndefined()
    expect(lab.retries).toEqual([])
  })
})
