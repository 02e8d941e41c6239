// Each thing that can go wrong between a client and Harbor, seen from the client.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { Client } from './client.ts'

let standIn: StandIn
let client: Client
const LIST = '/api/v2.0/projects/library/repositories/app/artifacts'
const TAG = `${LIST}/v1/tags/v1`

beforeEach(async () => {
  standIn = await startStandIn()
  client = new Client(standIn)
  new Builder(standIn.registry).image('library/app', { tags: ['v1'] })
})
afterEach(() => standIn.close())

const tagIsThere = (): boolean => standIn.registry.repository('library/app').tags.has('v1')

test('an error instead of doing it', async () => {
  standIn.faults.inject({ method: 'DELETE', fault: { kind: 'error', status: 500 } })
  const { status, text } = await client.ask('DELETE', TAG)
  expect([status, text, tagIsThere()]).toEqual([
    500,
    '{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}\n',
    true,
  ])
})

test('an error after it was done', async () => {
  standIn.faults.inject({
    fault: { kind: 'error', status: 503, code: 'BUSY', message: 'later', acted: true },
  })
  const { status, json } = await client.ask('DELETE', TAG)
  expect([status, json, tagIsThere()]).toEqual([503, { errors: [{ code: 'BUSY', message: 'later' }] }, false])
})

test.each([502, 503, 504] as const)('a proxy that answers %d in HTML', async (wanted) => {
  standIn.faults.inject({ fault: { kind: 'html', status: wanted } })
  const { status, headers, text } = await client.get(LIST)
  expect([status, headers.get('content-type'), text]).toEqual([
    wanted,
    'text/html',
    expect.stringMatching(/^<html>[^]*nginx[^]*<\/html>\r\n$/),
  ])
})

test('too many requests', async () => {
  standIn.faults.inject({ fault: { kind: 'busy', retryAfter: 7 } })
  const { status, headers } = await client.get(LIST)
  expect([status, headers.get('retry-after')]).toEqual([429, '7'])
})

test('an answer that comes late, and right', async () => {
  standIn.faults.inject({ fault: { kind: 'delay', milliseconds: 60 } })
  const started = performance.now()
  const { status } = await client.get(LIST)
  expect(status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(55)
})

test.each([true, false])('a connection cut, with it done: %s', async (acted) => {
  standIn.faults.inject({ method: 'DELETE', fault: { kind: 'cut', acted } })
  await expect(client.ask('DELETE', TAG)).rejects.toThrow('fetch failed')
  expect(tagIsThere()).toBe(!acted)
  expect(standIn.requests.map(({ method, status }) => [method, status])).toEqual([['DELETE', 0]])
})

test('an answer cut in the middle', async () => {
  standIn.faults.inject({ fault: { kind: 'truncate', bytes: 20 } })
  await expect(client.get(LIST)).rejects.toThrow('terminated')
})

test('an answer that ends too early and says that this is all', async () => {
  standIn.faults.inject({ fault: { kind: 'truncate', bytes: 20, complete: true } })
  const response = await fetch(`${standIn.url}/api/v2.0/systeminfo`)
  expect([response.status, await response.text()]).toEqual([200, '{"auth_mode":"db_aut'])
})

test.each([true, false])('no answer, with it done: %s', async (acted) => {
  standIn.faults.inject({ fault: { kind: 'hang', acted } })
  const { authorization } = { authorization: `Basic ${btoa('admin:Harbor12345')}` }
  const asked = fetch(`${standIn.url}${TAG}`, {
    method: 'DELETE',
    headers: { authorization },
    signal: AbortSignal.timeout(100),
  })
  await expect(asked).rejects.toThrow('timeout')
  expect(tagIsThere()).toBe(!acted)
})

test('only the requests meant are hit: by method, by path, after some, so many', async () => {
  const { faults } = standIn
  const injected = faults.inject({
    method: 'GET',
    path: /repositories\/\w+\/artifacts\?page=\d/,
    after: 1,
    times: 2,
    fault: { kind: 'error', status: 500 },
  })
  const statuses: number[] = []
  for (const page of ['', '?page=1', '?page=2', '?page=3', '?page=4']) {
    statuses.push((await client.get(`${LIST}${page}`)).status)
  }
  expect(statuses).toEqual([200, 200, 500, 500, 200])
  expect(injected.hits).toBe(2)
})

test('what is removed or cleared hits nobody', async () => {
  standIn.faults.inject({ fault: { kind: 'error', status: 500 } }).remove()
  expect((await client.get(LIST)).status).toBe(200)
  standIn.faults.inject({ fault: { kind: 'error', status: 500 } })
  standIn.faults.clear()
  expect((await client.get(LIST)).status).toBe(200)
})

test('the log says who asked what with which program, and can be emptied', async () => {
  await client.ask('GET', `${LIST}?page=1`, { headers: { 'user-agent': 'test' } })
  expect(standIn.requests).toEqual([
    { method: 'GET', path: `${LIST}?page=1`, user: 'admin', userAgent: 'test', status: 200 },
  ])
  standIn.resetRequests()
  expect(standIn.requests).toEqual([])
})
