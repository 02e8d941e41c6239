// Garbage collection, against what a real one freed.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { loadLab } from '../../stand-in/load/lab.ts'
import { bytesOf } from '../../stand-in/state/content.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { Client } from './client.ts'
import { LAB } from './recording.ts'

const HOUR = 3_600_000
const clock = { now: Date.parse('2026-11-21T12:00:00Z') }
let standIn: StandIn
let client: Client

beforeEach(async () => {
  standIn = await startStandIn({ clock: () => clock.now })
  client = new Client(standIn)
  loadLab(standIn.registry, LAB)
  clock.now += 3 * HOUR
})
afterEach(() => standIn.close())

async function collect(wanted: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  const started = await client.ask('POST', '/api/v2.0/system/gc/schedule', {
    body: { schedule: { type: 'Manual' }, parameters: { workers: 1, ...wanted } },
  })
  const { json } = await client.get(started.headers.get('location') ?? '')
  const parameters = isRecord(json) ? String(json['job_parameters']) : '{}'
  const freed = parseJson<Record<string, number>>(parameters)
  return [freed['freed_space'], freed['purged_blobs'], freed['purged_manifests']]
}

function find(repository: string, matches: (artifact: Artifact) => boolean): Artifact[] {
  return [...standIn.registry.repository(repository).artifacts.values()].filter(matches)
}

const tagged =
  (pattern: RegExp) =>
  ({ tags }: Artifact): boolean =>
    tags.some(({ name }) => pattern.test(name))

/** 27 artifacts, 35 manifests with children and accessories, as a cleanup once deleted them on a real Harbor. */
async function cleanUp(): Promise<void> {
  const doomed = [
    ...find('team-a/api', ({ tags }) => tags.length === 0),
    ...find('team-a/api', tagged(/^pr-1/)),
    ...find('team-a/web/frontend', tagged(/^2\.1\.0-beta/)),
    ...find('team-a/worker', tagged(/^0\.1\.0$/)),
    ...find('team-b/base', tagged(/^nightly-1$/)),
  ]
  expect(doomed.length).toBe(27)
  expect(doomed.reduce((sum, { size }) => sum + size, 0)).toBe(6_443_964)
  for (const { repository, digest } of doomed) {
    const [project = '', ...name] = repository.name.split('/')
    const path = `/api/v2.0/projects/${project}/repositories/${name.join('%252F')}/artifacts/${digest}`
    expect((await client.ask('DELETE', path)).status).toBe(200)
  }
}

test('frees what nothing else needs, to the byte, and a dry run says so beforehand', async () => {
  await cleanUp()
  expect(await collect({ dry_run: true })).toEqual([1_237_457, 63, 35])
  expect(await collect()).toEqual([1_237_457, 63, 35])
  expect(await collect()).toEqual([0, 0, 0])
})

test('leaves alone what was pushed within two hours', async () => {
  clock.now -= 2 * HOUR
  await cleanUp()
  expect(await collect()).toEqual([0, 0, 0])
})

const [ONE, MANIFEST_TYPE] = ['v1.3.0', 'application/vnd.oci.image.manifest.v1+json']

async function deleteOne(): Promise<{ manifest: string; blobs: string[] }> {
  const artifact = standIn.registry.artifact('team-a/api', ONE)
  const manifest = bytesOf(artifact.manifest.content).toString()
  const blobs = artifact.blobs.map(({ digest }) => digest).filter((digest) => digest !== artifact.digest)
  await client.ask('DELETE', `/api/v2.0/projects/team-a/repositories/api/artifacts/${artifact.digest}`)
  return { manifest, blobs }
}

const putBack = async (manifest: string): Promise<[number, string]> => {
  const headers = { 'content-type': MANIFEST_TYPE }
  const { status, text } = await client.ask('PUT', `/v2/team-a/api/manifests/${ONE}`, {
    body: manifest,
    headers,
  })
  return [status, text]
}

test('after it a manifest can not be put back', async () => {
  const { manifest } = await deleteOne()
  expect(await collect()).toEqual([61_172, 2, 1])
  expect(await putBack(manifest)).toEqual([400, expect.stringContaining('MANIFEST_BLOB_UNKNOWN')])
})

test('HEAD keeps: blobs asked for before the deletion survive it, and the manifest can be put back', async () => {
  const { blobs } = standIn.registry.artifact('team-a/api', ONE)
  for (const { digest, contentType } of blobs) {
    if (contentType !== MANIFEST_TYPE) await client.ask('HEAD', `/v2/team-a/api/blobs/${digest}`)
  }
  const { manifest } = await deleteOne()
  expect(await collect()).toEqual([560, 0, 1])
  expect(await putBack(manifest)).toEqual([201, ''])
})

test('deletes untagged artifacts when told to; the dry run counts shared blobs with each', async () => {
  expect(await collect({ dry_run: true, delete_untagged: true })).toEqual([expect.any(Number), 48, 16])
  expect(find('team-a/api', ({ tags }) => tags.length === 0).length).toBe(16)
  await collect({ delete_untagged: true })
  expect(find('team-a/api', ({ tags }) => tags.length === 0).length).toBe(0)
})

test('runs as long as the clock says, and can be stopped before', async () => {
  await standIn.close()
  standIn = await startStandIn({ clock: () => clock.now, timings: 'harbor' })
  client = new Client(standIn)
  const start = { body: { schedule: { type: 'Manual' }, parameters: {} } }
  const { headers } = await client.ask('POST', '/api/v2.0/system/gc/schedule', start)
  const status = async (): Promise<unknown> => (await client.get(headers.get('location') ?? '')).json
  expect(await status()).toMatchObject({ job_status: 'Running' })
  clock.now += 22_000
  expect(await status()).toMatchObject({ job_status: 'Success' })
  const other =
    (await client.ask('POST', '/api/v2.0/system/gc/schedule', start)).headers.get('location') ?? ''
  await client.ask('PUT', other)
  clock.now += 22_000
  expect((await client.get(other)).json).toMatchObject({ job_status: 'Stopped' })
  expect((await client.get(`${other}/log`)).text).toBe('')
})

test('may fail, and has then freed nothing', async () => {
  await deleteOne()
  standIn.registry.failing.add('GARBAGE_COLLECTION')
  const start = { body: { schedule: { type: 'Manual' }, parameters: {} } }
  const { headers } = await client.ask('POST', '/api/v2.0/system/gc/schedule', start)
  const { json } = await client.get(headers.get('location') ?? '')
  expect(json).toMatchObject({ job_status: 'Error', job_parameters: expect.not.stringContaining('freed') })
  standIn.registry.failing.clear()
  expect(await collect()).toEqual([61_172, 2, 1])
})
