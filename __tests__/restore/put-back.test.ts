// What an apply deleted comes back as it was: compared whole, but for ids and times.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { deleteArtifact, deleteRepository } from '../../stand-in/state/delete.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { ensureTag } from '../../stand-in/state/push.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { restoreFrom, type RestoreOptions, type Told } from './restoring.ts'
import { contentsOf, type State } from './state.ts'
import { Trash } from './trash.ts'

const REPOSITORY = 'library/web/app'
let standIn: StandIn
let builder: Builder
let folder: Folder
let trash: Trash
beforeEach(async () => {
  standIn = await startStandIn()
  builder = new Builder(standIn.registry)
  folder = new Folder()
  trash = new Trash(standIn, folder.path)
})
afterEach(async () => {
  await standIn.close()
  folder.remove()
})

const contents = (): State => contentsOf(standIn.registry)
const restore = (options?: RestoreOptions): Promise<Told> => restoreFrom(trash.folder, standIn.url, options)

function image(tags: readonly string[], labels: readonly string[] = []): Artifact {
  return builder.image(REPOSITORY, { tags, labels, pushed: LONG_AGO, layers: ['base', tags.join(' ')] })
}

/** Deleted, something is gone; restored, everything is as it was. */
async function expectThereAndBack(...artifacts: readonly Artifact[]): Promise<Told> {
  const before = contents()
  for (const artifact of artifacts) await trash.artifact(artifact)
  expect(Object.keys(contents()).length).toBeLessThan(Object.keys(before).length)
  const told = await restore()
  expect(contents()).toEqual(before)
  return told
}

describe('comes back as it was', () => {
  test('an image with its tags and labels', async () => {
    image(['other'])
    const told = await expectThereAndBack(image(['v1', 'latest'], ['keep', 'tested']))
    expect(told.lines).toEqual([`${REPOSITORY}: restored`])
  })

  test('an image without a tag, untagged', async () => {
    image(['other'])
    const told = await expectThereAndBack(image([]))
    expect(told.outcomes).toEqual(['restored'])
  })

  test('an image in Docker’s own format, a chart', async () => {
    const docker = builder.image(REPOSITORY, { docker: true, tags: ['d'], pushed: LONG_AGO })
    await expectThereAndBack(docker, builder.chart(REPOSITORY, { name: 'c', version: '1.0.0+b' }))
  })

  test('an index with attestations', async () => {
    const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
      builder.image(REPOSITORY, { platform, layers: [platform], pushed: LONG_AGO }),
    )
    const index = builder.index(REPOSITORY, {
      images,
      attestations: true,
      tags: ['v1', 'v2'],
      labels: ['keep'],
    })
    expect(index.references).toHaveLength(4)
    await expectThereAndBack(index)
  })

  test('a signed index on Harbor 2.10', async () => {
    await standIn.close()
    standIn = await startStandIn({ version: '2.10.3' })
    builder = new Builder(standIn.registry)
    trash = new Trash(standIn, folder.path)
    const index = builder.index(REPOSITORY, { images: [image([])], attestations: true, tags: ['v1'] })
    builder.sign(REPOSITORY, index.digest)
    await expectThereAndBack(index)
  })

  test('an index in an index', async () => {
    const inner = builder.index(REPOSITORY, { images: [image([])] })
    await expectThereAndBack(builder.index(REPOSITORY, { images: [inner], tags: ['outer'] }))
  })

  test('a signed image with an SBOM and the SBOM’s signature', async () => {
    const subject = image(['v1'])
    builder.sign(REPOSITORY, subject.digest)
    const sbom = builder.refer(subject, 'application/spdx+json', 'sbom')
    builder.refer(sbom, 'application/vnd.example.nested', 'nested')
    builder.sign(REPOSITORY, sbom.digest)
    expect(subject.accessories).toHaveLength(2)
    await expectThereAndBack(subject)
  })

  test('an index whose children are signed', async () => {
    const child = image([])
    builder.sign(REPOSITORY, child.digest)
    await expectThereAndBack(builder.index(REPOSITORY, { images: [child], tags: ['v1'] }))
  })

  test('a signature whose subject had gone before', async () => {
    image(['other'])
    const orphan = builder.sign(REPOSITORY, `sha256:${'ab'.repeat(32)}`)
    await expectThereAndBack(orphan)
    const [accessory] = standIn.registry.repository(REPOSITORY).orphans.values()
    expect(accessory).toHaveLength(1)
  })

  test('an index, when its child had a tag and went by itself', async () => {
    const child = image(['child'], ['keep'])
    const before = (): State => contents()
    const index = builder.index(REPOSITORY, { images: [child], tags: ['v1'] })
    const was = before()
    await trash.artifact(index)
    await trash.artifact(child)
    await restore({ only: [`${REPOSITORY}:v1`] })
    expect(contents()).toEqual({
      ...was,
      [`${REPOSITORY}@${child.digest}`]: { ...was[`${REPOSITORY}@${child.digest}`], tags: [], labels: [] },
    })
    await restore()
    expect(contents()).toEqual(was)
  })

  test('two indexes that share a child', async () => {
    const images = [image([])]
    const first = builder.index(REPOSITORY, { images, tags: ['a'] })
    const second = builder.index(REPOSITORY, { images: [...images, image(['x'])], tags: ['b'] })
    await expectThereAndBack(first, second)
  })

  test('a tag alone, on the artifact that stayed', async () => {
    const artifact = image(['v1', 'v2'])
    const before = contents()
    await trash.tag(artifact, 'v1')
    expect(contents()).not.toEqual(before)
    expect((await restore()).outcomes).toEqual(['restored'])
    expect(contents()).toEqual(before)
  })

  test('a tag alone, when its artifact went afterwards: also if only the tag is asked for', async () => {
    const artifact = image(['v1', 'v2'])
    const before = contents()
    await trash.tag(artifact, 'v1')
    await trash.artifact(artifact)
    expect((await restore({ only: [`${REPOSITORY}:v1`] })).outcomes).toEqual(['restored', 'restored'])
    expect(contents()).toEqual(before)
  })

  test('what was in a repository that is gone', async () => {
    const artifact = image(['v1'])
    const before = contents()
    await trash.artifact(artifact)
    deleteRepository(standIn.registry, artifact.repository, 'somebody')
    expect((await restore()).outcomes).toEqual(['restored'])
    expect(contents()).toEqual(before)
  })
})

describe('is looked at first', () => {
  test('a dry run changes nothing, and says what would come back', async () => {
    await trash.artifact(image(['v1']))
    const after = contents()
    expect((await restore({ dryRun: true })).lines).toEqual([`${REPOSITORY}: restored`])
    expect(contents()).toEqual(after)
    expect(standIn.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([])
  })

  test('each blob is asked for once, though several images have it', async () => {
    await trash.artifact(image(['v1']))
    await trash.artifact(image(['v2']))
    await restore()
    const heads = standIn.requests.filter(({ method }) => method === 'HEAD').map(({ path }) => path)
    expect(heads).toHaveLength(5)
    expect(new Set(heads).size).toBe(5)
  })

  test('what is there needs nothing', async () => {
    const artifact = image(['v1'])
    await trash.artifact(artifact, { gone: false, outcome: 'failed' })
    await trash.tag(artifact, 'v1', { gone: false, outcome: 'skipped' })
    standIn.resetRequests()
    expect((await restore()).outcomes).toEqual(['already', 'already'])
    expect(standIn.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  test('restored twice, the second time does nothing', async () => {
    const subject = image(['v1'], ['keep'])
    builder.sign(REPOSITORY, subject.digest)
    await trash.artifact(subject)
    await restore()
    standIn.resetRequests()
    expect((await restore()).outcomes).toEqual(['already'])
    expect(standIn.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  test('a delete of which nobody knows whether it was made may be restored', async () => {
    const [gone, there] = [image(['gone']), image(['there'])]
    const before = contents()
    await trash.artifact(gone, { outcome: undefined })
    await trash.artifact(there, { outcome: undefined, gone: false })
    expect((await restore()).outcomes).toEqual(['restored', 'already'])
    expect(contents()).toEqual(before)
  })

  test('what somebody else deleted comes back only if it is asked for by name', async () => {
    const [unsent, skipped] = [image(['unsent']), image(['skipped'])]
    const before = contents()
    await trash.artifact(unsent, { sent: false, outcome: undefined, gone: false })
    await trash.artifact(skipped, { outcome: 'skipped', gone: false })
    for (const artifact of [unsent, skipped]) deleteArtifact(standIn.registry, artifact, 'somebody')
    const after = contents()
    expect((await restore()).lines).toEqual([
      `${REPOSITORY}: aside; not-deleted `,
      `${REPOSITORY}: aside; not-deleted `,
    ])
    expect(contents()).toEqual(after)
    await restore({ only: [`${REPOSITORY}:unsent`, `${REPOSITORY}:skipped`] })
    expect(contents()).toEqual(before)
  })
})

describe('a tag that stands on another image by now', () => {
  async function moved(): Promise<{
    readonly before: State
    readonly newer: Artifact
    readonly older: Artifact
  }> {
    const older = image(['v1', 'stays'])
    await trash.artifact(older)
    const newer = image(['v1', 'newer'])
    return { before: contents(), newer, older }
  }

  test('isn’t touched, and named; the rest comes back', async () => {
    const { before, newer, older } = await moved()
    const { lines } = await restore()
    expect(lines).toEqual([`${REPOSITORY}: partly; tag-taken v1 ${newer.digest}`])
    const { [`${REPOSITORY}@${older.digest}`]: back, ...rest } = contents()
    expect(rest).toEqual(before)
    expect(back?.tags).toEqual(['stays'])
  })

  test('is taken back if that is asked for', async () => {
    const { newer, older } = await moved()
    expect((await restore({ overwriteTags: true })).lines).toEqual([`${REPOSITORY}: restored`])
    expect(older.repository.tags.get('v1')?.artifact.digest).toBe(older.digest)
    expect(newer.tags.map(({ name }) => name)).toEqual(['newer'])
  })

  test('isn’t touched either if it got there after the check', async () => {
    const older = image(['v1', 'stays'])
    await trash.artifact(older)
    const other = image(['other'])
    const meanwhile = (): void => {
      ensureTag(standIn.registry, other, 'v1', Date.now())
    }
    expect((await restore({ meanwhile })).lines).toEqual([
      `${REPOSITORY}: partly; tag-taken v1 ${other.digest}`,
    ])
    expect(other.tags.map(({ name }) => name)).toEqual(['other', 'v1'])
  })

  test('a tag deleted alone likewise, and taken back without its manifest in the bin', async () => {
    const older = image(['v1', 'stays'])
    await trash.tag(older, 'v1')
    const newer = image(['v1'])
    expect((await restore()).lines).toEqual([`${REPOSITORY}: lost; tag-taken v1 ${newer.digest}`])
    expect((await restore({ overwriteTags: true })).outcomes).toEqual(['restored'])
    expect(older.repository.tags.get('v1')?.artifact).toBe(older)
  })

  test('a signature’s tag: the signature stays away rather than take it', async () => {
    const subject = image(['v1'])
    const signature = builder.sign(REPOSITORY, subject.digest)
    const name = signature.tags[0]?.name ?? ''
    await trash.artifact(subject)
    const other = builder.image(REPOSITORY, { tags: [name], layers: ['other'] })
    expect((await restore()).lines).toEqual([`${REPOSITORY}: partly; tag-taken ${name} ${other.digest}`])
    expect(other.tags.map((tag) => tag.name)).toEqual([name])
    expect(standIn.registry.findArtifact(REPOSITORY, signature.digest)).toBeUndefined()
    expect((await restore({ overwriteTags: true })).outcomes).toEqual(['restored'])
    expect(standIn.registry.artifact(REPOSITORY, subject.digest).accessories).toHaveLength(1)
  })

  test('when two images had it one after the other, goes to the one that had it last', async () => {
    const first = image(['latest', 'a'])
    await trash.artifact(first)
    const second = image(['latest', 'b'])
    await trash.artifact(second)
    for (const overwriteTags of [false, true]) {
      const { lines } = await restore({ overwriteTags })
      expect(lines[0]).toContain(`tag-later latest ${second.digest}`)
      expect(first.repository.tags.get('latest')?.artifact.digest).toBe(second.digest)
    }
    await restore({ only: [`${REPOSITORY}@${first.digest}`], overwriteTags: true })
    expect(first.repository.tags.get('latest')?.artifact.digest).toBe(first.digest)
  })

  test('an immutable tag is refused, and named', async () => {
    await trash.artifact(image(['v1', 'stays']))
    const newer = image(['v1'])
    standIn.registry.addImmutableRule('library', { tags: 'v*' })
    expect((await restore({ overwriteTags: true })).lines).toEqual([`${REPOSITORY}: partly; refused v1`])
    expect(newer.tags.map(({ name }) => name)).toEqual(['v1'])
  })
})

test('a label that is gone is named, and nothing is wrong', async () => {
  const artifact = image(['v1'], ['keep', 'gone'])
  await trash.artifact(artifact)
  const gone = artifact.labels.find(({ name }) => name === 'gone')
  standIn.registry.labels.delete(gone?.id ?? 0)
  expect((await restore()).lines).toEqual([`${REPOSITORY}: restored; label-gone gone`])
  const { labels } = standIn.registry.artifact(REPOSITORY, artifact.digest)
  expect(labels.map(({ name }) => name)).toEqual(['keep'])
})
