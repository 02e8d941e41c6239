// Which blobs what was deleted needs to come back.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readBin, type BinItem } from '../../src/bin/bin.ts'
import { neededBlobs } from '../../src/gc/blobs.ts'
import { Folder } from '../helpers/program.ts'
import { digestOf } from '../registry/images.ts'

const AT = '2026-11-21T12:00:00.000Z'
let folder: Folder
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => {
  folder.remove()
})

const digest = (name: string): string => digestOf(Buffer.from(name))
const layer = (name: string, mediaType = 'x'): unknown => ({ digest: digest(name), size: 1, mediaType })

/** Items, each with its repository and its manifests as they are saved. */
async function items(...each: readonly (readonly [string, ...unknown[]])[]): Promise<readonly BinItem[]> {
  const begun = { format: 'harbor-dredge/journal/1', at: AT, tool: 't', plan: 'p', harbor: 'h' }
  const lines: unknown[] = [{ record: 'begun', ...begun }]
  for (const [index, [repository, ...contents]] of each.entries()) {
    const manifests = contents.map((content) => ({
      digest: 'd',
      role: 'artifact',
      mediaType: 'm',
      content: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString(
        'base64',
      ),
      tags: [],
      labels: [],
    }))
    lines.push({ record: 'saved', at: AT, item: `i${index}`, repository, digest: 'd', tags: [], manifests })
  }
  folder.write('1.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return (await readBin(folder.path)).items
}

test('configuration and layers of every manifest, each with who needs it', async () => {
  const index = { manifests: [layer('child')] }
  const child = { config: layer('c1'), layers: [layer('l1'), layer('l2')] }
  const read = await items(['a/one', child, index], ['a/two', { config: layer('c2'), layers: [layer('l1')] }])
  const { blobs, unreadable } = await neededBlobs(read)
  expect(unreadable).toEqual([])
  expect([...blobs].map(([blob, needed]) => [blob, ...needed.repositories])).toEqual([
    [digest('c1'), 'a/one'],
    [digest('l1'), 'a/one', 'a/two'],
    [digest('l2'), 'a/one'],
    [digest('c2'), 'a/two'],
  ])
  expect(blobs.get(digest('l1'))?.items).toEqual(read)
})

test('layers that no registry keeps are not asked for', async () => {
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
  // Whatever its type is, a registry takes a manifest without a layer that says where else it is (Harbor v2.15.1).
  const somewhere = (name: string, ...urls: readonly string[]): object => ({
    digest: digest(name),
    size: 1,
    urls,
  })
  const layers = [layer('f', foreign), somewhere('e', 'https://example.com/e'), somewhere('l'), layer('m')]
  const { blobs } = await neededBlobs(await items(['a/one', { layers }]))
  expect([...blobs.keys()]).toEqual([digest('l'), digest('m')])
})

test('Docker’s first format', async () => {
  const { blobs, unreadable } = await neededBlobs(
    await items([
      'a/one',
      { schemaVersion: 1, fsLayers: [{ blobSum: 'x' }, { blobSum: 'x' }, { blobSum: 'y' }] },
    ]),
  )
  expect([[...blobs.keys()], unreadable]).toEqual([['x', 'y'], []])
})

test.each([
  ['is no JSON', 'no JSON'],
  ['names what is no digest', { layers: [{ digest: '../../x', size: 1 }] }],
])('a manifest that %s is told, and what the item’s others need is kept', async (_what, manifest) => {
  const read = await items(['a/one', { layers: [layer('l')] }, manifest])
  const { blobs, unreadable } = await neededBlobs(read)
  expect([[...blobs.keys()], unreadable]).toEqual([[digest('l')], read])
})
