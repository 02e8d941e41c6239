// What an earlier run left is read as it stands: whole, cut, damaged, put together, or of something else.
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { savedManifests } from '../../src/bin/bin.ts'
import { text } from '../../stand-in/state/blobs.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { deleteArtifact } from '../../stand-in/state/delete.ts'
import { pushManifest } from '../../stand-in/state/push.ts'
import { wrongWhenRunAgain } from './again.ts'
import { APP, deletesOf, impatient, Scene } from './scene.ts'

let scene: Scene
let applied: readonly string[]
beforeAll(async () => {
  scene = await Scene.start()
  await scene.apply()
  applied = scene.state()
})
afterAll(() => scene.close())
beforeEach(() => {
  impatient()
  scene.reset()
})
afterEach(() => {
  jest.restoreAllMocks()
})

const folder = (): string => scene.commands.at('work/bin')

/** The one journal that is there. */
function journal(): string {
  const [name = ''] = readdirSync(folder())
  return path.join(folder(), name)
}

function linesOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1)
}

/** Ends in the middle: Harbor is away after so many deletes. */
async function applyInPart(deletes: number): Promise<void> {
  scene.standIn.faults.inject({
    method: 'DELETE',
    after: deletes,
    times: Infinity,
    fault: { kind: 'error', status: 403 },
  })
  await scene.apply({ concurrency: '1' })
  scene.standIn.faults.clear()
}

describe('the bin of a whole apply', () => {
  test('has every manifest that is gone, to the byte, in an order in which they go back', async () => {
    const before = new Map(
      [...scene.registry.repositories()].flatMap(({ name, artifacts }) =>
        [...artifacts.values()].map(({ digest, manifest }) => [`${name}@${digest}`, text(manifest)]),
      ),
    )
    await scene.apply()
    const gone = [...before.keys()].filter((name) => {
      const [repository = '', digest = ''] = name.split('@')
      return scene.registry.findArtifact(repository, digest) === undefined
    })
    const { items, damage } = await scene.bin()
    const saved = new Set<string>()
    for (const item of items) {
      const there = new Set<string>()
      for (const { digest, content, role } of await savedManifests(item)) {
        const name = `${item.repository}@${digest}`
        const bytes = Buffer.from(content, 'base64').toString('utf8')
        expect(bytes).toBe(before.get(name))
        const { manifests = [] } = parseJson<{ manifests?: readonly { digest: string }[] }>(bytes)
        // An index's children go back before it, as far as they went with it.
        const own = new Set(item.manifests)
        expect(manifests.filter((child) => own.has(child.digest) && !there.has(child.digest))).toEqual([])
        if (role === 'accessory') expect(there.has(item.digest)).toBe(true)
        there.add(digest)
        saved.add(name)
      }
    }
    expect(damage).toEqual([])
    expect([...saved].toSorted()).toEqual(gone.toSorted())
    expect(new Set(items.map(({ outcome, sent }) => `${outcome} ${String(sent)}`))).toEqual(
      new Set(['done true']),
    )
  })

  test('is for nobody else to read', async () => {
    await scene.apply()
    const { mode } = statSync(journal())
    expect(mode & 0o777).toBe(0o600)
  })
})

describe('an apply that is run again', () => {
  test('once all is done does nothing', async () => {
    await scene.apply()
    const deletes = deletesOf(scene.standIn).length
    const { status, host } = await scene.apply()
    expect([status, host.outputs['applied'], host.outputs['skipped']]).toEqual([
      0,
      String(scene.plan.actions.length),
      '0',
    ])
    expect(deletesOf(scene.standIn)).toHaveLength(deletes)
    expect(scene.result().results.every(({ earlier }) => earlier)).toBe(true)
    expect(host.text).toContain(`${scene.plan.actions.length} actions had been done by an earlier run`)
  })

  test.each([0, 1, 6, 12])('after %d deletes goes on from there', async (deletes) => {
    await applyInPart(deletes)
    expect(await wrongWhenRunAgain(scene, applied, '4')).toEqual([])
  })

  test('from a bin put together out of two folders goes on from both', async () => {
    await applyInPart(5)
    cpSync(scene.commands.at('work'), scene.commands.at('first'), { recursive: true })
    rmSync(scene.commands.at('work'), { recursive: true })
    // Another machine, which has nothing of the first one's, does some more.
    scene.standIn.faults.inject({
      method: 'DELETE',
      after: 4,
      times: Infinity,
      fault: { kind: 'error', status: 403 },
    })
    const second = await scene.apply({ concurrency: '1' })
    expect(second.host.outputs['skipped']).not.toBe('0')
    scene.standIn.faults.clear()
    cpSync(path.join(scene.commands.at('first'), 'bin'), folder(), { recursive: true })
    rmSync(scene.commands.at('first'), { recursive: true })
    expect(await wrongWhenRunAgain(scene, applied, '1')).toEqual([])
  })

  test('a delete that failed without a word, was tried again, and was cut off by a kill: is done', async () => {
    await applyInPart(3)
    // The second run was killed once its delete was made, and nothing more was written.
    const lines = linesOf(journal())
    const failed = lines.find((line) => line.includes('"failed"'))
    const { item } = parseJson<{ item: string }>(failed ?? '{}')
    const again = lines.filter((line) => line.includes(JSON.stringify(item)) && !line.includes('"outcome"'))
    writeFileSync(path.join(folder(), '9.ndjson'), `${[lines[0], ...again].join('\n')}\n`)
    const action = scene.plan.actions.find(({ digest }) => item.includes(digest))
    const { registry } = scene
    deleteArtifact(registry, registry.artifact(action?.repository ?? '', action?.digest ?? ''), 'killed')
    expect(await wrongWhenRunAgain(scene, applied, '1')).toEqual([])
  })
})

describe('what can’t be read', () => {
  test('a last line that is cut short is told, and counts for nothing', async () => {
    await applyInPart(3)
    appendFileSync(journal(), '{"record":"outcome","at":"2026-')
    const { status, host } = await scene.apply()
    expect([status, host.outputs['applied'], scene.state()]).toEqual([
      0,
      String(scene.plan.actions.length),
      applied,
    ])
    expect(host.warned).toEqual([
      expect.stringMatching(
        /\.ndjson:\d+: the last line is cut short, as when a run is killed; it counts for nothing$/,
      ),
    ])
  })

  test('a line in the middle is told, and the others count', async () => {
    await applyInPart(3)
    const lines = linesOf(journal())
    const [at] = lines.flatMap((line, index) =>
      line.includes('"skipped"') || line.includes('"failed"') ? [index] : [],
    )
    writeFileSync(journal(), `${lines.with(at ?? 0, '\u0000\u0000 not JSON').join('\n')}\n`)
    const { host } = await scene.apply()
    expect(host.warned).toEqual([
      `${fileIn(host.warned)}:${(at ?? 0) + 1}: this line cannot be read, and counts for nothing`,
    ])
    expect(scene.state()).toEqual(applied)
  })

  test('a file that is no journal is told', async () => {
    mkdirSync(folder(), { recursive: true })
    writeFileSync(path.join(folder(), 'notes.ndjson'), 'not a journal\n{"record":"outcome"}\n')
    writeFileSync(path.join(folder(), 'notes.txt'), 'nobody asks')
    const { status, host } = await scene.apply()
    expect([status, scene.state()]).toEqual([0, applied])
    expect(host.warned).toEqual(
      [1, 2].map(
        (line) =>
          `${path.join(folder(), 'notes.ndjson')}:${line}: this line cannot be read, and counts for nothing`,
      ),
    )
  })

  test('an empty journal, and empty lines, are nothing', async () => {
    mkdirSync(folder(), { recursive: true })
    writeFileSync(path.join(folder(), '0.ndjson'), '')
    writeFileSync(path.join(folder(), '1.ndjson'), '\n\n')
    const { status, host } = await scene.apply()
    expect([status, host.warned, scene.state()]).toEqual([0, [], applied])
  })

  test('a first line that is damaged takes the whole journal with it, and nothing is done twice', async () => {
    await applyInPart(3)
    const lines = linesOf(journal())
    writeFileSync(journal(), `${lines.with(0, '{"record":"begun"}').join('\n')}\n`)
    const { status } = await scene.apply()
    const { totals } = scene.result()
    expect([status, totals.failed, totals.done + totals.skipped]).toEqual([0, 0, scene.plan.actions.length])
    expect(scene.state()).toEqual(applied)
  })
})

function fileIn(warned: readonly string[]): string {
  return warned[0]?.split('.ndjson:')[0]?.concat('.ndjson') ?? ''
}

describe('journals of something else', () => {
  test('of another plan say nothing of this one', async () => {
    await scene.apply()
    const others = linesOf(journal()).map((line) => line.replace(scene.plan.id, `sha256:${'0'.repeat(64)}`))
    scene.reset()
    mkdirSync(folder(), { recursive: true })
    writeFileSync(path.join(folder(), '0.ndjson'), `${others.join('\n')}\n`)
    const { host } = await scene.apply()
    expect([host.warned, host.outputs['applied'], scene.state()]).toEqual([
      [],
      String(scene.plan.actions.length),
      applied,
    ])
    expect(scene.result().results.some(({ earlier }) => earlier)).toBe(false)
  })
})

describe('what follows an image that an earlier run deleted', () => {
  /** The first run is killed between the image and what follows it. */
  async function deleteTheImageOnly(): Promise<string> {
    const digest = scene.registry.artifact(APP, 'old-1').digest
    scene.standIn.faults.inject({
      method: 'DELETE',
      path: /\.sbom$/,
      times: Infinity,
      fault: { kind: 'error', status: 403 },
    })
    const att = scene.registry.artifact(APP, `${digest.replace(':', '-')}.att`).digest
    scene.standIn.faults.inject({
      method: 'DELETE',
      path: att,
      times: Infinity,
      fault: { kind: 'error', status: 403 },
    })
    await scene.apply()
    scene.standIn.faults.clear()
    return digest
  }

  test('goes with the next', async () => {
    await deleteTheImageOnly()
    expect(await wrongWhenRunAgain(scene, applied, '4')).toEqual([])
  })

  test('stays where the image is back', async () => {
    const { manifest, manifestMediaType: mediaType } = scene.registry.artifact(APP, 'old-1')
    const bytes = Buffer.from(text(manifest))
    const digest = await deleteTheImageOnly()
    pushManifest(scene.registry, { repository: APP, reference: 'v7', bytes, mediaType })
    await scene.apply()
    const tags = scene.registry.repository(APP).tags
    const following = ['att', 'sbom'].map((kind) => `${digest.replace(':', '-')}.${kind}`)
    expect(following.filter((tag) => !tags.has(tag))).toEqual([])
    const skipped = scene.result().results.filter(({ outcome }) => outcome === 'skipped')
    expect(skipped.map(({ tags: [tag = ''] }) => tag).toSorted()).toEqual(following)
  })
})
