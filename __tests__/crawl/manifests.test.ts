/** @jest-environment ./__tests__/helpers/environment.mjs */
// Manifests never change: each is read from Harbor once, checked against its digest, and kept in a file that may be
// handed on from run to run.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ManifestReader } from '../../src/crawl/manifests.ts'
import type { Digest, ManifestContent } from '../../src/inventory/types.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { NEVER } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { clientOf, type Client } from '../helpers/connect.ts'
import { images, numbered } from '../helpers/registry.ts'

let standIn: StandIn
let client: Client
let folder: string
let file: string
beforeEach(async () => {
  standIn = await startStandIn()
  client = clientOf(standIn.url)
  folder = mkdtempSync(path.join(tmpdir(), 'manifests-'))
  file = path.join(folder, 'manifests', 'content.ndjson')
})
afterEach(async () => {
  await client.close()
  await standIn.close()
  rmSync(folder, { recursive: true })
})

const REPOSITORY = 'library/app'

function read(
  digests: readonly Digest[],
  told: unknown[] = [],
): Promise<ReadonlyMap<Digest, ManifestContent>> {
  const wanted = new Map(digests.map((digest) => [digest, REPOSITORY]))
  return new ManifestReader(client.harbor, folder).read(wanted, 4, (...progress) => told.push(progress))
}

test('what each takes up: itself, its config and its layers', async () => {
  const [one] = images(standIn.registry, REPOSITORY, ['v1'])
  if (one === undefined) throw new Error('no image')
  const content = await read([one.digest])
  const blobs = one.blobs
    .filter(({ digest }) => digest !== one.digest)
    .map(({ digest, size }) => ({ digest, size }))
  expect(content).toEqual(new Map([[one.digest, { size: one.manifest.size, blobs }]]))
  expect(one.pulled).toBe(NEVER)
})

test('an index takes up itself alone', async () => {
  const builder = new Builder(standIn.registry)
  const index = builder.index(REPOSITORY, { images: [builder.image(REPOSITORY)], tags: ['v1'] })
  expect((await read([index.digest])).get(index.digest)).toEqual({ size: index.manifest.size, blobs: [] })
})

test('a second run asks for what is new, and knows the same', async () => {
  const digests = images(standIn.registry, REPOSITORY, numbered(30)).map(({ digest }) => digest)
  await read(digests.slice(0, 20))
  standIn.resetRequests()
  const content = await read(digests)
  expect(standIn.requests).toHaveLength(10)
  expect(content.size).toBe(30)
  standIn.resetRequests()
  expect(await read(digests)).toEqual(content)
  expect(standIn.requests).toEqual([])
})

test('progress counts what is still to be read', async () => {
  const digests = images(standIn.registry, REPOSITORY, numbered(3)).map(({ digest }) => digest)
  await read(digests.slice(0, 1))
  const told: unknown[] = []
  await read(digests, told)
  expect(told).toEqual([
    [1, 2],
    [2, 2],
  ])
})

test('lines that are broken count for nothing', async () => {
  const [one] = images(standIn.registry, REPOSITORY, ['v1'])
  const digest = one?.digest ?? ''
  const content = await read([digest])
  const whole = readFileSync(file, 'utf8')
  const broken = [
    whole.slice(0, 40),
    '[]',
    'null',
    `["${digest}",1]`,
    `["${digest}","1",[]]`,
    `["${digest}",1,[["x"]]]`,
    '\0',
  ]
  for (const line of broken) {
    writeFileSync(file, `${line}\n`)
    expect(await read([digest])).toEqual(content)
  }
  appendFileSync(file, whole.trim().slice(0, -5))
  expect(await read([digest])).toEqual(content)
})

test('bytes of another digest are refused, and not kept', async () => {
  const [one] = images(standIn.registry, REPOSITORY, ['v1'])
  standIn.faults.inject({
    path: '/v2/',
    times: Infinity,
    fault: { kind: 'truncate', bytes: 100, complete: true },
  })
  await expect(read([one?.digest ?? ''])).rejects.toThrow(
    'the manifest has another digest than it was asked by; something between here and Harbor changed it',
  )
  expect(existsSync(file)).toBe(false)
})

// Whoever may write to the cache of a run could otherwise make a plan look as if it freed nothing, or terabytes.
test('sizes below nothing are no sizes', async () => {
  const [one] = images(standIn.registry, REPOSITORY, ['v1'])
  const digest = one?.digest ?? ''
  const content = await read([digest])
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, `["${digest}",-1000000,[]]\n`)
  expect(await read([digest])).toEqual(content)
})
