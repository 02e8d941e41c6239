// Pushing by hand, in all the ways the distribution API has.
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { bytesOf } from '../../stand-in/state/content.ts'
import { type Asked, Client } from './client.ts'

const TYPE = 'application/vnd.oci.image.manifest.v1+json'
const REPOSITORY = 'library/app'
const CONTENT = '{"architecture":"amd64","os":"linux"}'
const DIGEST = digestOf(CONTENT)

let standIn: StandIn
let client: Client

beforeEach(async () => {
  standIn = await startStandIn()
  client = new Client(standIn)
})
afterEach(() => standIn.close())

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

async function startUpload(repository = REPOSITORY, query = ''): Promise<Asked> {
  return client.ask('POST', `/v2/${repository}/blobs/uploads/${query}`)
}

function place({ headers }: Asked): string {
  const { pathname } = new URL(headers.get('location') ?? '')
  return pathname
}

async function upload(content: string, repository = REPOSITORY): Promise<Asked> {
  const at = place(await startUpload(repository))
  return client.ask('PUT', `${at}?digest=${digestOf(content)}`, { body: content })
}

const manifest = (config: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPE,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: digestOf(config),
      size: config.length,
    },
    layers: [],
  })

function put(reference: string, body: string, repository = REPOSITORY): Promise<Asked> {
  return client.ask('PUT', `/v2/${repository}/manifests/${reference}`, {
    body,
    headers: { 'content-type': TYPE },
  })
}

test('in one piece', async () => {
  const done = await upload(CONTENT)
  expect([done.status, done.headers.get('docker-content-digest')]).toEqual([201, DIGEST])
  expect((await client.get(`/v2/${REPOSITORY}/blobs/${DIGEST}`)).text).toBe(CONTENT)
})

test('in chunks, which must fit together', async () => {
  const at = place(await startUpload())
  const chunk = (range: string, body: string): Promise<Asked> =>
    client.ask('PATCH', at, { body, headers: { 'content-range': range } })
  expect((await chunk('0-9', CONTENT.slice(0, 10))).headers.get('range')).toBe('0-9')
  expect((await chunk('20-29', CONTENT.slice(20, 30))).status).toBe(416)
  expect((await client.get(at)).headers.get('range')).toBe('0-9')
  await chunk(`10-${CONTENT.length - 1}`, CONTENT.slice(10))
  expect((await client.ask('PUT', `${at}?digest=${DIGEST}`)).status).toBe(201)
  expect(bytesOf(standIn.registry.blobs.get(DIGEST)?.content ?? Buffer.of()).toString()).toBe(CONTENT)
})

test('not what the digest says', async () => {
  const at = place(await startUpload())
  const { status, text } = await client.ask('PUT', `${at}?digest=${DIGEST}`, { body: 'other' })
  expect([status, text]).toEqual([400, expect.stringContaining('DIGEST_INVALID')])
})

test('mounted from another repository', async () => {
  await upload(CONTENT, 'library/base')
  const mounted = await startUpload(REPOSITORY, `?mount=${DIGEST}&from=library/base`)
  expect(mounted.status).toBe(201)
  expect((await client.ask('HEAD', `/v2/${REPOSITORY}/blobs/${DIGEST}`)).status).toBe(200)
  const unknown = await startUpload(REPOSITORY, `?mount=${digestOf('none')}&from=library/base`)
  expect(unknown.status).toBe(202)
})

test('a manifest, when its blobs are there', async () => {
  expect((await put('v1', manifest(CONTENT))).text).toContain('MANIFEST_BLOB_UNKNOWN')
  await upload(CONTENT)
  const { status, headers } = await put('v1', manifest(CONTENT))
  expect([status, headers.get('docker-content-digest')]).toEqual([201, digestOf(manifest(CONTENT))])
  expect(standIn.registry.artifact(REPOSITORY, 'v1').extraAttributes).toMatchObject({ os: 'linux' })
})

test('not onto an immutable tag, unless it is the same', async () => {
  await upload(CONTENT)
  await put('v1', manifest(CONTENT))
  standIn.registry.addImmutableRule('library', { tags: 'v*' })
  await upload('{}')
  const { status, text } = await put('v1', manifest('{}'))
  expect([status, text]).toEqual([412, expect.stringContaining('configured as immutable')])
  expect((await put('v2', manifest('{}'))).status).toBe(201)
})

test('as far as the quota goes', async () => {
  standIn.registry.addProject({ name: 'narrow', quota: 500 })
  expect((await upload(CONTENT, 'narrow/app')).status).toBe(201)
  const { status, text } = await upload('x'.repeat(500), 'narrow/app')
  expect([status, text]).toEqual([403, expect.stringContaining('will exceed the configured upper limit')])
  expect(standIn.registry.project('narrow').quota.used).toBe(CONTENT.length)
})

test('not at all when the system is read-only', async () => {
  standIn.registry.configuration.set('read_only', true)
  expect((await startUpload()).status).toBe(403)
  expect((await client.get(`/v2/${REPOSITORY}/tags/list`)).status).toBe(404)
})
