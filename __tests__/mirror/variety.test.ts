// Whatever a Harbor holds arrives with every digest, at a plain registry and at another Harbor, and a second run writes
// nothing and starts nothing.
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { SkopeoSession } from '../../src/mirror/skopeo.ts'
import { bytesOf } from '../../stand-in/state/content.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Meddler } from '../helpers/meddler.ts'
import { Folder } from '../helpers/program.ts'
import { Commands, type Commanded, mirrorAt } from '../helpers/run.ts'
import { startDockerRegistry } from '../registry/docker-registry.ts'
import { registryAt } from '../registry/client.ts'
import { expectWell } from './pair.ts'
import { image, referrer, push as pushTo } from '../registry/images.ts'
import { impatient } from './mirror-scene.ts'
import { fillForeign, fillForeignHere, fillOdd } from './odd.ts'
import { Storage } from './storage.ts'
import { lackingAt, listedAt, wholeOf, type Whole } from './whole.ts'

const REPOSITORY = 'team/odd'
const TARGET = 'backup/team/odd'

let source: StandIn
let folder: Folder
beforeEach(async () => {
  impatient()
  source = await startStandIn()
  source.registry.addProject({ name: 'team' })
  folder = new Folder()
})
afterEach(async () => {
  await source.close()
  folder.remove()
})
afterAll(() => {
  jest.restoreAllMocks()
})

async function run(mirror: string, action: 'copy' | 'archive'): Promise<Commanded> {
  folder.write(
    'policy.yml',
    `version: 1
rules: [{ name: all, select: { tags: ["**"] }, ${action}: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
mirror: { verify: deep }
`,
  )
  const commands = new Commands(folder, source.url, mirrorAt(mirror))
  return commands.planAndApply()
}

/** Everything that has a tag of its own. */
function wanted(): readonly Whole[] {
  const { artifacts } = source.registry.repository(REPOSITORY)
  return [...artifacts.values()].flatMap(({ digest, tags, accessoryOf }) => {
    const names = tags.map(({ name }) => name).filter((name) => !name.startsWith('sha256-'))
    const isOwn = names.length > 0 && accessoryOf === null
    return isOwn ? [wholeOf(source.registry, { repository: REPOSITORY, digest, tags: names })] : []
  })
}

/** Runs it again, and tells what was sent that may change something, and what was started. */
async function changesOfAnother(mirror: Meddler, target: string): Promise<readonly string[]> {
  mirror.requests.length = 0
  const started = jest.spyOn(SkopeoSession.prototype, 'copy')
  expectWell(await run(target, 'copy'))
  const writes = mirror.requests.filter(({ method }) => !['GET', 'HEAD'].includes(method))
  const processes = started.mock.calls.length
  started.mockRestore()
  return [...writes.map(({ method, path }) => `${method} ${path}`), `${processes} processes`]
}

describe('a plain registry', () => {
  const ANY_URL = { validation: { manifests: { urls: { allow: ['^https?://'] } } } }

  test('gets all of it, and keeps what others wrote into its lists of referrers', async () => {
    fillOdd(source.registry, REPOSITORY)
    fillForeign(source.registry, REPOSITORY)
    const plain = await startDockerRegistry({ kind: 'none' }, ANY_URL)
    const mirror = await Meddler.start(plain.url)
    const storage = new Storage(plain.storage)
    const whole = wanted()

    // Somebody else refers to the same image there.
    const referred = source.registry.artifact(REPOSITORY, 'referred').digest
    const other = image('another subject')
    const { registry, close } = registryAt(`${plain.url}/backup`)
    const theirs = referrer(other, 'theirs')
    await pushTo(registry, 'team/odd', other)
    await pushTo(registry, 'team/odd', theirs)
    await registry.addReferrers('team/odd', referred, [theirs.descriptor])

    expectWell(await run(mirror.url, 'copy'))
    expect(whole.length).toBe(16)
    expect(whole.flatMap((each) => lackingAt(storage, TARGET, each))).toEqual([])
    expect(listedAt(storage, TARGET, referred)).toEqual(
      expect.arrayContaining([
        theirs.digest,
        ...whole.flatMap((each) => [...(each.referrers.get(referred) ?? [])]),
      ]),
    )
    expect(listedAt(storage, TARGET, referred)).toHaveLength(4)
    // As it hands them out, which is more than to have them.
    for (const digest of whole.flatMap((each) => [...each.blobs])) {
      const { ok, body } = await got(`${plain.url}/v2/${TARGET}/blobs/${digest}`)
      expect([ok, body.equals(bytesOf(source.registry.blobs.get(digest)?.content ?? Buffer.of()))]).toEqual([
        true,
        true,
      ])
    }
    for (const digest of whole.flatMap((each) => [...each.manifests])) {
      const { manifest, manifestMediaType } = source.registry.artifact(REPOSITORY, digest)
      const { body, type } = await got(`${plain.url}/v2/${TARGET}/manifests/${digest}`, manifestMediaType)
      expect([type, body.equals(bytesOf(manifest.content))]).toEqual([manifestMediaType, true])
    }

    expect(await changesOfAnother(mirror, mirror.url)).toEqual(['0 processes'])
    await close()
    await mirror.close()
    await plain.close()
  }, 60_000)

  test('that takes no manifest with URLs: that is told, and nothing goes', async () => {
    fillForeign(source.registry, REPOSITORY)
    const plain = await startDockerRegistry()
    const { status, host } = await run(plain.url, 'archive')
    expect([status, host.outputs['failed'], host.outputs['skipped']]).toEqual([1, '3', '3'])
    for (const words of host.warned) expect(words).toMatch(/500.*it has layers with URLs/)
    expect(source.registry.repository(REPOSITORY).tags.size).toBe(3)
    await plain.close()
  }, 60_000)

  test.each<readonly [string, number, RegExp | undefined]>([
    ['small, it goes along', 100, undefined],
    [
      'big, the image stays',
      1_200_000,
      /: Harbor has it, and skopeo leaves out what has URLs; copy the image with/,
    ],
  ])(
    'what is said to be elsewhere, and Harbor has: %s',
    async (_what, size, words) => {
      fillForeignHere(source.registry, REPOSITORY, size)
      const layer = [...source.registry.blobs.values()].find((blob) => blob.size === size)?.digest ?? ''
      const plain = await startDockerRegistry({ kind: 'none' }, ANY_URL)
      const { host } = await run(plain.url, 'archive')
      const isThere = new Storage(plain.storage).blob(TARGET, layer)?.length === size
      const stays = source.registry.findRepository(REPOSITORY)?.tags.has('old') ?? false
      expect([isThere, stays]).toEqual([words === undefined, words !== undefined])
      expect(host.warned.map((warning) => words?.test(warning))).toEqual(words === undefined ? [] : [true])
      await plain.close()
    },
    60_000,
  )
})

async function got(url: string, accept = '*/*'): Promise<{ ok: boolean; type: string; body: Buffer }> {
  const answer = await fetch(url, { headers: { accept } })
  const type = answer.headers.get('content-type') ?? ''
  return { ok: answer.ok, type, body: Buffer.from(await answer.arrayBuffer()) }
}

test('another Harbor gets all of it, with its accessories', async () => {
  fillOdd(source.registry, REPOSITORY)
  fillForeign(source.registry, REPOSITORY)
  const target = await startStandIn()
  target.registry.addProject({ name: 'backup' })
  const mirror = await Meddler.start(target.url)
  expectWell(await run(mirror.url, 'copy'))
  for (const { manifests, blobs, tags } of wanted()) {
    for (const digest of manifests) {
      const { manifest, accessories } = source.registry.artifact(REPOSITORY, digest)
      const there = target.registry.artifact(TARGET, digest)
      expect(bytesOf(there.manifest.content).equals(bytesOf(manifest.content))).toBe(true)
      expect(there.accessories.map(({ type, artifact }) => `${type} ${artifact.digest}`).toSorted()).toEqual(
        accessories.map(({ type, artifact }) => `${type} ${artifact.digest}`).toSorted(),
      )
    }
    const repository = target.registry.repository(TARGET)
    for (const digest of blobs) {
      expect(repository.blobs.has(target.registry.blobs.get(digest) ?? never())).toBe(true)
    }
    for (const [tag, digest] of tags) expect(repository.tags.get(tag)?.artifact.digest).toBe(digest)
  }
  expect(await changesOfAnother(mirror, mirror.url)).toEqual(['0 processes'])
  await mirror.close()
  await target.close()
}, 60_000)

function never(): never {
  throw new Error('the blob is not there')
}
