// What moves pull times, and whose.
import { afterEach, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { type Artifact, NEVER } from '../../stand-in/state/model.ts'
import { type StandIn, type StandInOptions, startStandIn } from '../../stand-in/stand-in.ts'
import { Client } from './client.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const ACCEPT = {
  accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json',
}
const clock = { now: NOON }

let standIn: StandIn
afterEach(() => standIn.close())

interface Filled {
  readonly client: Client
  readonly child: Artifact
  readonly index: Artifact
}

async function start(options: StandInOptions = {}): Promise<Filled> {
  clock.now = NOON
  standIn = await startStandIn({ clock: () => clock.now, ...options })
  const builder = new Builder(standIn.registry)
  const child = builder.image('library/app', { tags: ['1.0-amd64'], pushed: '2026-01-01T00:00:00Z' })
  const index = builder.index('library/app', { tags: ['1.0', '1'], images: [child] })
  return { client: new Client(standIn), child, index }
}

/** Of the index, its tags, its child and the child's tag, in that order, after what is pending was done. */
async function pulled({ client, child, index }: Filled): Promise<number[]> {
  await client.get('/api/v2.0/ping')
  const times = [index, ...index.tags, child, ...child.tags].map(({ pulled: time }) => time)
  return times.map((time) => (time === NEVER ? -1 : (time - NOON) / 1000))
}

const read = (
  { client }: Filled,
  reference: string,
  method = 'GET',
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number }> =>
  client.ask(method, `/v2/library/app/manifests/${reference}`, { headers: { ...ACCEPT, ...more } })

test('GET by tag moves the artifact and that tag', async () => {
  const filled = await start()
  expect((await read(filled, '1.0')).status).toBe(200)
  expect(await pulled(filled)).toEqual([0, 0, -1, -1, -1])
  expect(standIn.registry.repository('library/app').pulls).toBe(1)
})

test('GET by digest moves no tag; a child moves its index with it', async () => {
  const filled = await start()
  await read(filled, filled.child.digest)
  expect(await pulled(filled)).toEqual([0, -1, -1, 0, -1])
})

test('in 2.10 a child moves alone', async () => {
  const filled = await start({ version: '2.10.3' })
  await read(filled, '1.0-amd64')
  expect(await pulled(filled)).toEqual([-1, -1, -1, 0, 0])
})

test("HEAD moves nothing, nor does Harbor's own client, nor a blob, nor the API", async () => {
  const filled = await start()
  const { client, child } = filled
  expect((await read(filled, '1.0', 'HEAD')).status).toBe(200)
  expect((await read(filled, '1.0', 'GET', { 'user-agent': 'harbor-registry-client' })).status).toBe(200)
  for (const { digest } of child.blobs) await client.get(`/v2/library/app/blobs/${digest}`)
  await client.get('/api/v2.0/projects/library/repositories/app/artifacts/1.0?with_tag=true')
  expect(await pulled(filled)).toEqual([-1, -1, -1, -1, -1])
  expect(standIn.registry.repository('library/app').pulls).toBe(0)
})

test('a tag that has gone to another artifact since then stays as it is', async () => {
  const filled = await start({ timings: 'harbor' })
  await read(filled, '1.0')
  const moved = new Builder(standIn.registry).image('library/app', { tags: ['1.0'] })
  clock.now += 11_000
  expect(await pulled(filled)).toEqual([0, -1, -1, -1])
  expect(moved.tags.map(({ pulled: time }) => time)).toEqual([NEVER])
})

test('as on a real one it shows ten seconds later, with the time of the pull', async () => {
  const filled = await start({ timings: 'harbor' })
  await read(filled, '1')
  clock.now += 9_000
  expect(await pulled(filled)).toEqual([-1, -1, -1, -1, -1])
  clock.now += 2_000
  expect(await pulled(filled)).toEqual([0, -1, 0, -1, -1])
})
