// Why copies fail: with a real skopeo against everything that a registry may answer, and by what others have printed.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test as always } from '@jest/globals'
import { type CopyOutcome, type CopyRequest, findSkopeo, type Skopeo } from '../../src/mirror/skopeo.ts'
import { type FailureKind, kindOf, wordsOf } from '../../src/mirror/skopeo-failure.ts'
import type { Fault } from '../../stand-in/http/faults.ts'
import { serve } from '../helpers/server.ts'
import { Lab } from './skopeo-lab.ts'

/** Machines without them do without these. */
const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0
const test = isThere('skopeo') ? always : always.skip
const onRegistry = isThere('skopeo') && isThere('docker-registry') ? always : always.skip

let lab: Lab
let skopeo: Skopeo
let copies = 0
beforeAll(async () => {
  lab = await Lab.start()
  if (test === always) skopeo = await findSkopeo()
})
afterAll(() => lab.close())
afterEach(() => {
  lab.source.faults.clear()
  lab.target.faults.clear()
  expect(lab.left()).toEqual([])
})

const fresh = (): CopyRequest => lab.request(`team/copy-${(copies += 1)}:v1`)
const copy = (request = fresh()): Promise<CopyOutcome> => lab.copy(skopeo, request)

type Case = readonly [what: string, request: string, fault: Fault, kind: FailureKind, words: RegExp]

const error = (status: number, code?: string, message?: string): Fault => ({
  kind: 'error',
  status,
  ...(code !== undefined && { code }),
  ...(message !== undefined && { message }),
})
const CUT: Fault = { kind: 'cut', acted: false }

const SOURCE: readonly Case[] = [
  ['500', 'GET /manifests/', error(500), 'transient', /HTTP status: 500 Internal Server Error$/],
  ['502 of a proxy', 'GET /manifests/', { kind: 'html', status: 502 }, 'transient', /502 Bad Gateway$/],
  ['504', 'GET /manifests/', error(504), 'transient', /HTTP status: 504 Gateway Timeout$/],
  ['429', 'GET /manifests/', { kind: 'busy', retryAfter: 0 }, 'transient', /too many requests$/],
  ['cut', 'GET /manifests/', CUT, 'transient', /: EOF$/],
  ['403', 'GET /manifests/', error(403, 'DENIED', 'no'), 'denied', /: denied: no$/],
  [
    'damaged',
    'GET /manifests/',
    { kind: 'truncate', bytes: 10, complete: true },
    'transient',
    /does not match provided manifest digest sha256:[0-9a-f]{12}…$/,
  ],
  ['503', 'GET /blobs/', error(503), 'transient', /503 \(Service Unavailable\)$/],
  ['404', 'GET /blobs/', error(404, 'BLOB_UNKNOWN', 'blob unknown'), 'not-found', /404 \(Not Found\)$/],
  ['cut', 'GET /blobs/', CUT, 'transient', /: EOF$/],
  ['cut halfway', 'GET /blobs/', { kind: 'truncate', bytes: 10 }, 'transient', /: unexpected EOF$/],
  [
    'damaged',
    'GET /blobs/',
    { kind: 'truncate', bytes: 10, complete: true },
    'transient',
    // Of a config, or of a layer: whichever comes first.
    /does not match expected sha256:[0-9a-f]{12}…$|Digest did not match, expected sha256:[0-9a-f]{12}…, got /,
  ],
  ['503', 'GET /v2/$', error(503), 'transient', /pinging container registry \S+ invalid status code.* 503/],
  ['503', 'GET /service/token', error(503), 'transient', /Requesting bearer token: .* 503/],
]
const TARGET: readonly Case[] = [
  ['503', 'HEAD /blobs/', error(503), 'transient', /503 \(?Service Unavailable\)?$/],
  ['500', 'GET /service/token', error(500), 'transient', /Requesting bearer token: .* 500/],
  ['503', 'POST /uploads/', error(503), 'transient', /HTTP status: 503 Service Unavailable$/],
  ['401', 'POST /uploads/', error(401, 'UNAUTHORIZED', 'no push'), 'denied', /unauthorized: no push$/],
  ['500', 'PATCH /uploads/', error(500), 'transient', /HTTP status: 500 Internal Server Error$/],
  ['cut', 'PATCH /uploads/', CUT, 'transient', /: Patch "http:\S+": EOF$/],
  ['502', 'PUT /uploads/', error(502), 'transient', /\/uploads\/[\w-]+\?\*\*\* .*502 Bad Gateway$/],
  ['500', 'PUT /manifests/', error(500), 'transient', /HTTP status: 500 Internal Server Error$/],
  ['429', 'PUT /manifests/', { kind: 'busy', retryAfter: 1 }, 'transient', /too many requests$/],
  ['cut', 'PUT /manifests/', CUT, 'transient', /: Put "http:\S+": EOF$/],
  [
    '403',
    'PUT /manifests/',
    error(403, 'DENIED', 'requested access to the resource is denied'),
    'denied',
    /denied/,
  ],
  ['400', 'PUT /manifests/', error(400, 'MANIFEST_INVALID', 'manifest invalid'), 'unsupported', /invalid$/],
  [
    'blob gone',
    'PUT /manifests/',
    error(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'),
    'transient',
    /blob unknown/,
  ],
  ['418', 'PUT /manifests/', error(418, 'TEAPOT', 'short and stout'), 'unknown', /: short and stout$/],
]

describe.each([
  ['source', SOURCE],
  ['target', TARGET],
] as const)('the %s answers', (side, cases) => {
  test.each(cases)('%s to %s', async (...given) => {
    const [, request, fault, kind, words] = given
    const [method = '', where = ''] = request.split(' ')
    const injected = lab[side].faults.inject({ method, path: new RegExp(where), times: Infinity, fault })
    const outcome = await copy()
    expect(injected.hits).toBeGreaterThan(0)
    expect(outcome).toMatchObject({ ok: false, kind, words: expect.stringMatching(words), attempts: 1 })
  })
})

describe("Harbor's own refusals", () => {
  test('what is not there: manifest, repository', async () => {
    const digest = `sha256:${'0'.repeat(64)}`
    const request = fresh()
    for (const source of [
      { ...request.source, digest },
      { ...request.source, repository: 'team/nope' },
    ]) {
      expect(await copy({ ...request, source })).toMatchObject({
        kind: 'not-found',
        words: expect.stringMatching(/: artifact team\/\w+@sha256:[0-9a-f]{12}… not found$/),
      })
    }
  })

  test('a project that is not there; a wrong password, on either side', async () => {
    const request = fresh()
    const wrong = { credentials: { username: 'admin', password: 'wrong' } }
    for (const odd of [
      { ...request, target: { ...request.target, repository: 'nope/app' } },
      { ...request, target: { ...request.target, ...wrong } },
      { ...request, source: { ...request.source, ...wrong } },
    ]) {
      expect(await copy(odd)).toMatchObject({
        kind: 'denied',
        words: expect.stringContaining('unauthorized'),
      })
    }
  })

  test('a quota', async () => {
    lab.target.registry.addProject({ name: 'small', quota: 100 })
    const request = fresh()
    const credentials = { username: 'admin', password: 'Harbor12345' }
    const target = { ...request.target, repository: 'small/app', credentials }
    const outcome = await copy({ ...request, target })
    expect(outcome).toMatchObject({
      kind: 'quota',
      words: expect.stringMatching(/will exceed the configured upper limit of/),
    })
  })

  test('an immutable tag', async () => {
    lab.target.registry.addImmutableRule('team', {
      repositories: [{ kind: 'doublestar', decoration: 'repoMatches', pattern: '**' }],
      tags: [{ kind: 'doublestar', decoration: 'matches', pattern: 'fixed' }],
    })
    const request = fresh()
    const fixed = { ...request, target: { ...request.target, reference: 'fixed' } }
    expect(await copy(fixed)).toMatchObject({ ok: true })
    // The same again.
    expect(await copy(fixed)).toMatchObject({
      kind: 'immutable',
      words: expect.stringMatching(/copy-\d+:fixed' configured as immutable\.$/),
    })
  })

  test('nobody listens; a host without an address', async () => {
    const request = fresh()
    for (const registry of ['127.0.0.1:1', 'nope.invalid']) {
      const target = { ...request.target, registry }
      expect(await copy({ ...request, target })).toMatchObject({ kind: 'transient' })
    }
  })
})

describe('other registries and what stands before them', () => {
  const page =
    (status: number): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>\n<h1>denied</h1></html>')
    }
  const coded =
    (status: number, code: string, message: string): RequestListener =>
    (_request, response) => {
      response.writeHead(status).end(JSON.stringify({ errors: [{ code, message }] }))
    }

  /** Has every blob, and answers so to a manifest. */
  async function copyTo(answer: RequestListener): Promise<CopyOutcome> {
    const server = await serve((request, response) => {
      if (request.url === '/v2/') response.end('{}')
      else if (request.method === 'PUT') answer(request, response)
      else response.writeHead(200, { 'content-length': '1' }).end()
    })
    const request = fresh()
    try {
      return await copy({ ...request, target: { ...request.target, registry: `127.0.0.1:${server.port}` } })
    } finally {
      await server.close()
    }
  }

  test.each<readonly [string, RequestListener, FailureKind, RegExp]>([
    ['a page with 412', page(412), 'immutable', /: StatusCode: 412, <html> <h1>denied<\/h1><\/html>$/],
    ['a page with 413', page(413), 'unsupported', /StatusCode: 413, /],
    ['a page with 404', page(404), 'not-found', /StatusCode: 404, /],
    ['a page with 403', page(403), 'denied', /StatusCode: 403, /],
    ['a page with 405', page(405), 'unsupported', /StatusCode: 405, /],
    ['a page with 429', page(429), 'transient', /StatusCode: 429, /],
    ['507', page(507), 'quota', /507 Insufficient Storage$/],
    ["Docker Hub's limit", coded(429, 'TOOMANYREQUESTS', 'pull rate limit'), 'transient', /^\S+.*toomanyreq/],
    [
      "ECR's immutable tag",
      coded(
        400,
        'TAG_INVALID',
        "The image tag 'v1' already exists in the 'x' repository and cannot be overwritten because the tag is immutable.",
      ),
      'immutable',
      /because the tag is immutable\.$/,
    ],
    ['a type that it does not know', coded(415, 'X', 'unknown media type'), 'unsupported', /media type$/],
    [
      'a disk without room',
      coded(400, 'UNKNOWN', 'write /var/x: no space left on device'),
      'disk-full',
      /device$/,
    ],
    [
      'a reset',
      (request) => {
        request.socket.resetAndDestroy()
      },
      'transient',
      /connection reset by peer$/,
    ],
  ])('%s', async (_what, answer, kind, words) => {
    expect(await copyTo(answer)).toMatchObject({ kind, words: expect.stringMatching(words) })
  })

  test('HTTP where HTTPS is expected', async () => {
    const request = fresh()
    expect(await copy({ ...request, target: { ...request.target, tlsVerify: true } })).toMatchObject({
      kind: 'unknown',
      words: expect.stringMatching(/server gave HTTP response to HTTPS client$/),
    })
  })
})

describe('a real registry', () => {
  let child: ChildProcess
  afterEach(async () => {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  })

  /** @param blocks of 512 bytes, beyond which its files can't grow */
  async function startRegistry(blocks: number | 'unlimited', more = ''): Promise<string> {
    const port = await freePort()
    const folder = mkdtempSync(path.join(lab.scratch, 'registry-'))
    const file = path.join(folder, 'registry.yml')
    const storage = `{ filesystem: { rootdirectory: ${JSON.stringify(folder)} }${more} }`
    writeFileSync(
      file,
      `version: 0.1\nstorage: ${storage}\nhttp: { addr: "127.0.0.1:${port}" }\nlog: { level: error }\n`,
    )
    const command = `ulimit -f ${blocks}; exec docker-registry serve "$0"`
    child = spawn('sh', ['-c', command, file], { stdio: 'ignore' })
    for (let tries = 0; tries < 400 && !(await listens(port)); tries += 1) await setTimeout(10)
    return `127.0.0.1:${port}`
  }

  onRegistry('whose disk is full: it says no more than 500', async () => {
    const request = fresh()
    const registry = await startRegistry(100)
    const target = { ...request.target, registry, credentials: undefined }
    expect(await copy({ ...request, target })).toMatchObject({
      kind: 'transient',
      words: expect.stringMatching(/500/),
    })
  })

  onRegistry('which is read-only', async () => {
    const request = fresh()
    const registry = await startRegistry('unlimited', ', maintenance: { readonly: { enabled: true } }')
    const target = { ...request.target, registry, credentials: undefined }
    expect(await copy({ ...request, target })).toMatchObject({
      kind: 'unsupported',
      words: expect.stringMatching(/: StatusCode: 405, Method not allowed$/),
    })
  })

  onRegistry('which has not got it; and an index that would be changed', async () => {
    const request = fresh()
    const registry = await startRegistry('unlimited')
    const there = { ...request.target, registry, credentials: undefined }
    const nothing = { ...there, digest: lab.image.digest }
    expect(await copy({ ...request, source: nothing })).toMatchObject({
      kind: 'not-found',
      words: expect.stringMatching(/: manifest unknown: manifest unknown$/),
    })
    const odd = await indexWithArtifactType(lab)
    const source = { ...request.source, repository: 'team/odd', digest: odd }
    const outcome = await copy({ ...request, source, target: there })
    // Since 1.16 skopeo keeps what it doesn't know.
    if (skopeo.version.startsWith('1.9.') || skopeo.version.startsWith('1.13.')) {
      expect(outcome).toMatchObject({
        kind: 'unsupported',
        words: expect.stringMatching(/we cannot modify it: "Instructed to preserve digests"$/),
      })
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => {
      resolve(false)
    })
  })
}

async function indexWithArtifactType({ source, builder }: Lab): Promise<string> {
  const { digest, size } = builder.image('team/odd', { layers: ['odd'] })
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const entry = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/x',
    digest,
    size,
  }
  const answer = await fetch(`${source.url}/v2/team/odd/manifests/odd`, {
    method: 'PUT',
    body: JSON.stringify({ schemaVersion: 2, mediaType, manifests: [entry] }),
    headers: {
      'content-type': mediaType,
      authorization: `Basic ${Buffer.from('admin:Harbor12345').toString('base64')}`,
    },
  })
  return answer.headers.get('docker-content-digest') ?? ''
}

describe('words that were not met here', () => {
  const fatal = (words: string): string =>
    `time="2026-11-21T13:50:05Z" level=fatal msg=${JSON.stringify(words)}\n`

  always.each<readonly [string, FailureKind]>([
    [
      'unexpected status from PUT request to https://h/v2/a/manifests/b: 412 Precondition Failed',
      'immutable',
    ],
    [
      'unexpected status from HEAD request to https://h/v2/a/manifests/b: 503 Service Unavailable',
      'transient',
    ],
    ['unable to retrieve auth token: invalid username/password: unauthorized: incorrect', 'denied'],
    ['reading manifest v1 in h/a: name unknown: repository name not known to registry', 'not-found'],
    [
      'writing blob: Patch "https://h/v2/": write tcp 1.2.3.4:5->6.7.8.9:443: write: broken pipe',
      'transient',
    ],
    ['writing blob: Patch "https://h/v2/": use of closed network connection', 'transient'],
    ['Get "https://h/v2/": net/http: TLS handshake timeout', 'transient'],
    ['Get "https://h/v2/": dial tcp 1.2.3.4:443: i/o timeout', 'transient'],
    ['Get "https://h/v2/": context deadline exceeded (Client.Timeout exceeded)', 'transient'],
    ['Get "https://h/v2/": dial tcp: lookup h on 127.0.0.53:53: server misbehaving', 'transient'],
    ['Get "https://h/v2/": http2: server sent GOAWAY and closed; ErrCode=ENHANCE_YOUR_CALM', 'transient'],
    ['reading blob: stream error: stream ID 5; INTERNAL_ERROR; received from peer', 'transient'],
    ['creating temporary file: write /tmp/x: no space left on device', 'disk-full'],
    ['writing blob: storing blob: write /tmp/x: disk quota exceeded', 'disk-full'],
    ['writing: write /tmp/x: file too large', 'disk-full'],
    ['writing manifest: uploading manifest v1 to h/a: StatusCode: 403, "project quota exceeded"', 'quota'],
    ['unknown flag: --preserve-digests', 'unsupported'],
    ['Unexpectedly received a manifest list instead of a manifest for a single image', 'unsupported'],
    ['uploading manifest v1 to h/a: unsupported: The operation is unsupported.', 'unsupported'],
    ['Get "https://h/v2/": x509: certificate signed by unknown authority', 'unknown'],
    ['something new', 'unknown'],
  ])('%s: %s', (words, kind) => {
    expect(kindOf(fatal(words))).toBe(kind)
    expect(wordsOf(fatal(words), [], '')).toBe(words)
  })

  always.each(['denied', 'unauthorized', 'immutable', 'quota', 'eof', 'unknown', 'toomanyrequests', 'blob'])(
    'a repository and a tag called %s mean nothing',
    (name) => {
      const words = `initializing source docker://h/${name}:${name}: reading manifest ${name} in h/team/${name}: something new`
      expect(kindOf(fatal(words))).toBe('unknown')
      const status = `uploading manifest ${name} to h/team/${name}: received unexpected HTTP status: 503 Service Unavailable`
      expect(kindOf(fatal(status))).toBe('transient')
    },
  )

  always('warnings before it, and what is none of its form', () => {
    const warning = 'time="2026-11-21T13:50:05Z" level=warning msg="denied: that helper"\n'
    expect(kindOf(`${warning}${fatal('read: connection reset by peer')}`)).toBe('transient')
    expect(wordsOf(`${warning}Error: something else\n`, [], '')).toBe('Error: something else')
    const panic =
      'panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t/x.go:1\n'
    expect(wordsOf(panic, [], '')).toBe('panic: runtime error: index out of range')
    expect(wordsOf('\n', [], 'nothing')).toBe('nothing')
  })

  always('one line of at most 300 characters, with its beginning and its end', () => {
    const words = wordsOf(fatal(`copying this: ${'x\n\u001B[31m\t'.repeat(500)}: and then it failed`), [], '')
    expect(words.length).toBeGreaterThan(290)
    expect(words.length).toBeLessThanOrEqual(300)
    expect(words).toMatch(/^copying this: x \[31m x .* … .*x \[31m : and then it failed$/)
    // oxlint-disable-next-line no-control-regex -- none may be left
    expect(words).not.toMatch(/[\u0000-\u001F]/)
  })
})
