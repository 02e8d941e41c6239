// Reading answers: what has to be there, what may be, and what becomes of one that is broken.
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from '@jest/globals'
import { UnexpectedAnswer } from '../../src/harbor/errors.ts'
import type { Harbor } from '../../src/harbor/harbor.ts'
import { clientOf } from '../helpers/connect.ts'
import { inTurn, serve, type Reply, type Server } from '../helpers/server.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

const DIGEST = `sha256:${'ab'.repeat(32)}`
const ARTIFACT = {
  id: 7,
  type: 'IMAGE',
  digest: DIGEST,
  size: 560,
  push_time: '2026-03-01T00:00:00.000Z',
  pull_time: '0001-01-01T00:00:00.000Z',
  tags: [
    { name: 'v1', push_time: '2026-03-02T00:00:00.000Z', pull_time: '2026-03-03T00:00:00.123Z' },
    { name: 'v2', push_time: '2026-03-02T00:00:00.000Z', pull_time: '0001-01-01T00:00:00.000Z' },
  ],
}
const DETAILS = { labels: true, accessories: true, immutability: false }
const LIST = '/api/v2.0/projects/team-a/repositories/web%252Ffrontend/artifacts'

type Ask = (harbor: Harbor) => Promise<unknown>
const artifacts: Ask = (harbor) => harbor.artifacts({ repository: 'team-a/web/frontend' }, DETAILS)

async function answer(ask: Ask, ...replies: readonly Reply[]): Promise<unknown> {
  const server = await serve(inTurn(...replies))
  servers.push(server)
  const { harbor, close } = clientOf(server.url)
  try {
    return await ask(harbor)
  } finally {
    await close()
  }
}

async function complaint(ask: Ask, ...replies: readonly Reply[]): Promise<UnexpectedAnswer> {
  try {
    await answer(ask, ...replies)
  } catch (error) {
    if (error instanceof UnexpectedAnswer) return error
    throw error
  }
  throw new Error('it did not complain')
}

function without(key: keyof typeof ARTIFACT): Record<string, unknown> {
  return Object.fromEntries(Object.entries(ARTIFACT).filter(([name]) => name !== key))
}

describe('what is used has to be there, and what is missing is told with its place', () => {
  const cases: readonly (readonly [string, Ask, unknown, string])[] = [
    ['an artifact’s id', artifacts, [ARTIFACT, without('id')], 'lacks `1.id`'],
    ['its type', artifacts, [without('type')], 'lacks `0.type`'],
    ['its digest', artifacts, [without('digest')], 'lacks `0.digest`'],
    ['its push time', artifacts, [ARTIFACT, ARTIFACT, without('push_time')], 'lacks `2.push_time`'],
    ['its pull time', artifacts, [without('pull_time')], 'lacks `0.pull_time`'],
    [
      'a tag’s push time',
      artifacts,
      [{ ...ARTIFACT, tags: [ARTIFACT.tags[0], { name: 'v2', pull_time: ARTIFACT.pull_time }] }],
      'lacks `0.tags.1.push_time`',
    ],
    [
      'a child’s digest',
      artifacts,
      [{ ...ARTIFACT, references: [{ platform: { os: 'linux', architecture: 'arm' } }] }],
      'lacks `0.references.0.child_digest`',
    ],
    [
      'an accessory’s type',
      artifacts,
      [{ ...ARTIFACT, accessories: [{ digest: DIGEST }] }],
      'lacks `0.accessories.0.type`',
    ],
    ['a label’s name', artifacts, [{ ...ARTIFACT, labels: [{ id: 1 }] }], 'lacks `0.labels.0.name`'],
    ['the mode of signing in', (harbor) => harbor.account(), {}, 'lacks `auth_mode`'],
    [
      'a time that is one',
      artifacts,
      [{ ...ARTIFACT, push_time: 'yesterday' }],
      'has "yesterday" as `0.push_time`: is not a time',
    ],
    [
      'a digest that is one',
      artifacts,
      [{ ...ARTIFACT, digest: 'latest' }],
      'has "latest" as `0.digest`: is not a digest',
    ],
    [
      'a number where one belongs',
      artifacts,
      [{ ...ARTIFACT, id: '7' }],
      'has "7" as `0.id`: Invalid type: Expected number but received "7"',
    ],
    [
      'a list where one belongs',
      artifacts,
      { artifacts: [] },
      'has Object as ``: Invalid type: Expected Array but received Object',
    ],
  ]

  test.each(cases)('%s', async (_what, ask, json, words) => {
    const { code, message, status } = await complaint(ask, { body: JSON.stringify(json) })
    expect([code, status]).toEqual(['UNKNOWN_FORM', 200])
    expect(message.slice(message.indexOf(': ') + 2)).toBe(
      `the answer ${words}; is this a Harbor of version 2?`,
    )
  })

  test('the request is named with it', async () => {
    const { message, path } = await complaint(artifacts, { body: JSON.stringify([without('id')]) })
    expect(path).toBe(
      `${LIST}?with_tag=true&with_label=true&with_accessory=true&page_size=100&sort=id&q=base%3D*`,
    )
    expect(message).toBe(`GET ${path}: the answer lacks \`0.id\`; is this a Harbor of version 2?`)
  })
})

describe('what may be there', () => {
  test('fields that nobody knows, at every depth, change nothing', async () => {
    const extra = { future: { deep: [1] } }
    const more = { ...ARTIFACT, ...extra, tags: ARTIFACT.tags.map((tag) => ({ ...tag, ...extra })) }
    const [plain, fuller] = await Promise.all(
      [ARTIFACT, more].map((json) => answer(artifacts, { body: JSON.stringify([json]) })),
    )
    expect(fuller).toEqual(plain)
  })

  test.each(['tags', 'labels', 'accessories', 'references', 'extra_attrs'])('no %s, or null', async (key) => {
    for (const value of [undefined, null]) {
      const body = JSON.stringify([{ ...ARTIFACT, [key]: value }])
      await expect(answer(artifacts, { body })).resolves.toMatchObject({ items: [{ id: 7 }] })
    }
  })

  test('times, of which year 1 is never', async () => {
    const page = await answer(artifacts, {
      body: JSON.stringify([ARTIFACT]),
      headers: { 'x-total-count': '41' },
    })
    expect(page).toMatchObject({
      total: 41,
      items: [
        {
          push_time: Date.parse('2026-03-01T00:00:00Z'),
          pull_time: null,
          tags: [{ pull_time: Date.parse('2026-03-03T00:00:00.123Z') }, { pull_time: null }],
        },
      ],
    })
  })

  test.each(['', 'many', '-1', '1.5'])('an X-Total-Count of %j is none', async (total) => {
    const page = await answer(artifacts, { headers: { 'x-total-count': total } })
    expect(page).toEqual({ items: [], total: undefined })
  })
})

describe('JSON that ends too early is asked for again, and told if it stays so', () => {
  const whole = JSON.stringify([ARTIFACT])

  test('once', async () => {
    await expect(answer(artifacts, { body: whole.slice(0, 60) }, { body: whole })).resolves.toMatchObject({
      items: [{ id: 7 }],
    })
  })

  test('for good', async () => {
    const { code, message, path } = await complaint(artifacts, { body: whole.slice(0, 60) })
    expect([code, message]).toEqual([
      'CUT_SHORT',
      `GET ${path}: the answer ends before its JSON does (60 characters); something between here and Harbor cut it`,
    ])
  })

  test('wherever it ends', async () => {
    const json = JSON.stringify([{ ...ARTIFACT, size: -1.5e3, extra_attrs: { 'ä"\\': [true, false, null] } }])
    const codes = new Set<string>()
    for (let end = 0; end < json.length; end += 1) {
      const server = await serve(inTurn({ body: json.slice(0, end) }))
      const { harbor, close } = clientOf(server.url, { retry: { attempts: 1, pause: 1, longest: 1 } })
      const failed = (error: unknown): string =>
        `${error instanceof UnexpectedAnswer ? error.code : 'another'} at ${end}`
      codes.add(await artifacts(harbor).then(() => `read at ${end}`, failed))
      await close()
      await server.close()
    }
    expect([...codes].filter((code) => !code.startsWith('CUT_SHORT'))).toEqual([])
  })

  // Not cut at all: it isn't JSON, and asking again won't make it so.
  test.each(['Pong', 'no healthy upstream', '\uFEFF[]', '{"a":1}}'])('%j isn’t that', async (body) => {
    const { message } = await complaint(artifacts, { body })
    expect(message).not.toContain('ends before its JSON does')
  })
})

test.each([
  ['by its type', 'text/html; charset=utf-8', 'Welcome'],
  ['by its look', 'application/json', '<!doctype html>\n<html></html>'],
])('a page of HTML instead of JSON is told, not asked for again: %s', async (_how, type, body) => {
  const server = await serve(inTurn({ headers: { 'content-type': type }, body }))
  servers.push(server)
  const { harbor, close } = clientOf(server.url)
  await expect(artifacts(harbor)).rejects.toThrow(
    'answered with an HTML page; is harbor-url the address of Harbor itself?',
  )
  await close()
  expect(server.requests).toHaveLength(1)
})

// Where blobs of any size are taken as they come, all else is still held.
test('an answer without end is read no further than what is held in memory', async () => {
  const server = await serve((_request, response) => {
    response.writeHead(404)
    const chunk = Buffer.alloc(2 ** 20)
    const send = (): void => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', send)
    send()
  })
  servers.push(server)
  const { harbor, close } = clientOf(server.url, { large: true })
  await expect(artifacts(harbor)).rejects.toThrow(/no answer: the answer is over 256 MiB/)
  await close()
}, 60_000)

describe('compressed by a proxy in front', () => {
  const body = JSON.stringify(Array.from({ length: 50 }, (_, id) => ({ ...ARTIFACT, id: id + 1 })))

  test.each([
    ['gzip', gzipSync(body)],
    ['br', brotliCompressSync(body)],
    ['identity', Buffer.from(body)],
  ])('%s', async (encoding, bytes) => {
    const page = await answer(artifacts, { headers: { 'content-encoding': encoding }, body: bytes })
    expect(page).toMatchObject({ items: { length: 50 } })
  })

  test('both are offered, and nothing else', async () => {
    const server = await serve(inTurn({}))
    servers.push(server)
    const { harbor, close } = clientOf(server.url)
    await artifacts(harbor)
    await close()
    expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip, br')
  })

  test('an error’s words are read all the same', async () => {
    const words = gzipSync('{"errors":[{"code":"FORBIDDEN","message":"forbidden"}]}')
    await expect(
      answer(artifacts, { status: 403, headers: { 'content-encoding': 'gzip' }, body: words }),
    ).rejects.toThrow('answered 403 FORBIDDEN (forbidden)')
  })

  // Zeros are a thousand times as long as what they are sent as.
  test('what unfolds to more than is held in memory is refused, once', async () => {
    const zeros = gzipSync(Buffer.alloc(2 ** 28 + 1), { level: 1 })
    const server = await serve(inTurn({ body: zeros, headers: { 'content-encoding': 'gzip' } }))
    servers.push(server)
    const { harbor, close } = clientOf(server.url)
    await expect(artifacts(harbor)).rejects.toThrow(/no answer: the answer is over 256 MiB/)
    expect(server.requests).toHaveLength(1)
    await close()
  })

  // There was an answer; what is wrong is its compression.
  test('broken compression is told as such', async () => {
    const broken = gzipSync(body).subarray(0, 40)
    await expect(
      answer(artifacts, { headers: { 'content-encoding': 'gzip', 'x-request-id': 'r1' }, body: broken }),
    ).rejects.toMatchObject({ requestId: 'r1', message: expect.not.stringContaining('no answer') })
  })
})
