// What can't come back is named, with what is missing, and what hangs on it isn't half put back.
import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readBin } from '../../src/bin/bin.ts'
import type { SavedManifest } from '../../src/bin/records.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { deleteArtifact } from '../../stand-in/state/delete.ts'
import { startGc } from '../../stand-in/state/gc.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { restoreFrom, type RestoreOptions, type Told } from './restoring.ts'
import { contentsOf, type State } from './state.ts'
import { Trash } from './trash.ts'

const REPOSITORY = 'library/app'
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

function image(tags: readonly string[], layers = ['base', tags.join(' ')]): Artifact {
  return builder.image(REPOSITORY, { tags, pushed: LONG_AGO, layers })
}

/** A real one: what nothing references, and nobody asked for within two hours, goes. */
function collectGarbage(): void {
  startGc(standIn.registry, { dryRun: false, deleteUntagged: false, deleteTag: false, workers: 1 })
  standIn.registry.clock.settle()
}

/** Blobs of an artifact but its manifest, that the storage has no more. */
function goneOf({ blobs, digest }: Artifact): readonly string[] {
  return blobs
    .map((blob) => blob.digest)
    .filter((blob) => blob !== digest && !standIn.registry.blobs.has(blob))
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function withContent(content: string): (manifests: readonly SavedManifest[]) => readonly SavedManifest[] {
  return (manifests) => manifests.map((manifest) => ({ ...manifest, content }))
}

/** It is as it was before the restore. */
async function expectNothing(lines: readonly string[], options: RestoreOptions = {}): Promise<void> {
  const before = contents()
  standIn.resetRequests()
  expect((await restore(options)).lines).toEqual(lines)
  expect(contents()).toEqual(before)
  expect(standIn.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([])
}

describe('after a garbage collection', () => {
  test('the very blobs are named, and what is shared with others is not among them', async () => {
    image(['stays'])
    const artifact = image(['v1'])
    await trash.artifact(artifact)
    collectGarbage()
    const gone = goneOf(artifact)
    // Its configuration and its own layer, and not the base, which another image has.
    expect(gone).toHaveLength(2)
    await expectNothing([`${REPOSITORY}: lost; blobs-gone ${gone.join(' ')}`])
  })

  test('within two hours of having been looked at, nothing is gone', async () => {
    const clock = { now: LONG_AGO }
    await standIn.close()
    standIn = await startStandIn({ clock: () => clock.now })
    builder = new Builder(standIn.registry)
    trash = new Trash(standIn, folder.path)
    const artifact = image(['v1'])
    const before = contents()
    clock.now += 24 * 3_600_000
    await trash.artifact(artifact)
    await restore({ dryRun: true })
    clock.now += 1.9 * 3_600_000
    collectGarbage()
    expect((await restore()).outcomes).toEqual(['restored'])
    expect(contents()).toEqual(before)
  })

  test('an index of which one child is lost isn’t put back in part', async () => {
    const kept = image(['kept'], ['kept layer'])
    const lost = image([], ['lost layer'])
    const index = builder.index(REPOSITORY, { images: [kept, lost], tags: ['v1'], pushed: LONG_AGO })
    await trash.artifact(index)
    collectGarbage()
    await expectNothing([`${REPOSITORY}: lost; blobs-gone ${goneOf(lost).join(' ')}`])
  })

  test('an image comes back without the signature that is lost, and it is said', async () => {
    const artifact = image(['v1'])
    // Its blobs are new, those of the signature old.
    const signature = builder.sign(REPOSITORY, artifact.digest, 'sig', LONG_AGO)
    const nested = builder.refer(signature, 'application/vnd.example', 'nested', Date.now())
    for (const blob of artifact.blobs) blob.updated = Date.now()
    await trash.artifact(artifact)
    collectGarbage()
    const gone = goneOf(signature)
    expect(gone.length).toBeGreaterThan(0)
    expect((await restore()).lines).toEqual([
      `${REPOSITORY}: partly; blobs-gone ${gone.join(' ')}; subject-lost ${nested.digest}`,
    ])
    const back = standIn.registry.artifact(REPOSITORY, artifact.digest)
    expect([back.tags.map(({ name }) => name), back.accessories]).toEqual([['v1'], []])
    expect(standIn.registry.repository(REPOSITORY).artifacts.size).toBe(1)
  })
})

describe('a bin that isn’t whole', () => {
  test('a manifest whose bytes aren’t those of its digest is never put', async () => {
    const artifact = image(['v1'])
    await trash.artifact(artifact, { edit: withContent(base64('{"schemaVersion":2,"layers":[]}')) })
    await expectNothing([`${REPOSITORY}: lost; damaged ${artifact.digest}`], { dryRun: true })
    await expectNothing([`${REPOSITORY}: lost; damaged ${artifact.digest}`])
  })

  test('nor one that was changed between the check and the put', async () => {
    const artifact = image(['v1'])
    await trash.artifact(artifact)
    const file = path.join(trash.folder, '0001.ndjson')
    const text = await readFile(file, 'utf8')
    const before = contents()
    const [, content = ''] = /"content":"([^"]+)"/.exec(text) ?? []
    const other = `${content.slice(0, 40)}${content[40] === 'A' ? 'B' : 'A'}${content.slice(41)}`
    const { lines } = await restore({
      meanwhile: () => {
        writeFileSync(file, text.replace(content, other))
      },
    })
    expect(lines).toEqual([`${REPOSITORY}: lost; damaged ${artifact.digest}`])
    expect(contents()).toEqual(before)
  })

  test('a child that is neither in the bin nor in Harbor is named; one that is in Harbor will do', async () => {
    const [here, gone] = [image(['here']), image([], ['gone'])]
    const index = builder.index(REPOSITORY, { images: [here, gone], tags: ['v1'] })
    await trash.artifact(index, {
      edit: (manifests) => manifests.filter(({ digest }) => digest !== gone.digest),
    })
    await expectNothing([`${REPOSITORY}: lost; child-gone ${gone.digest}`])
  })

  test('a manifest of a form that doesn’t tell its blobs', async () => {
    const artifact = image(['v1'])
    const content = '{"schemaVersion":1,"fsLayers":[]}'
    const digest = `sha256:${hash('sha256', content)}`
    await trash.artifact(artifact, {
      edit: (manifests) => manifests.map((each) => ({ ...each, digest, content: base64(content) })),
    })
    const file = path.join(trash.folder, '0001.ndjson')
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(artifact.digest, digest))
    await expectNothing([`${REPOSITORY}: lost; unknown-form ${digest}`])
  })

  test('a last line that was cut counts for nothing, and the rest comes back', async () => {
    const [first, second] = [image(['first']), image(['second'])]
    const before = contents()
    await trash.artifact(first)
    await trash.artifact(second, { outcome: undefined })
    const file = path.join(trash.folder, '0002.ndjson')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.slice(0, -20))
    expect((await readBin(trash.folder)).damage).toHaveLength(1)
    const { lines } = await restore()
    // Whether its delete was sent stood in that line: nobody knows, so it takes to be asked for.
    expect(lines).toEqual([`${REPOSITORY}: restored`, `${REPOSITORY}: aside; not-deleted `])
    await restore({ only: [`${REPOSITORY}:second`] })
    expect(contents()).toEqual(before)
  })
})

test('a project that is gone, and one that became a proxy cache, are named', async () => {
  standIn.registry.addProject({ name: 'team-a' })
  standIn.registry.addProject({ name: 'team-b' })
  for (const name of ['team-a/app', 'team-b/app']) {
    const artifact = builder.image(name, { tags: ['v1'], pushed: LONG_AGO })
    await trash.artifact(artifact)
    standIn.registry.project(artifact.repository.project.name).repositories.delete(name)
  }
  for (const name of ['team-a', 'team-b']) {
    const { id } = standIn.registry.project(name)
    standIn.registry.projects.delete(name)
    standIn.registry.projectsById.delete(id)
  }
  standIn.registry.addProject({ name: 'team-b', registryId: 1 })
  await expectNothing(['team-a/app: lost; project-gone team-a', 'team-b/app: lost; proxy-cache team-b'])
})

test('a tag whose artifact is gone, and in no bin', async () => {
  const artifact = image(['v1', 'v2'])
  await trash.tag(artifact, 'v1')
  deleteArtifact(standIn.registry, artifact, 'somebody')
  await expectNothing([`${REPOSITORY}: lost; artifact-gone ${artifact.digest}`])
})

test('over the quota, Harbor’s words are told, and the others come back', async () => {
  standIn.registry.addProject({ name: 'small' })
  const artifact = builder.image('small/app', { tags: ['v1'], pushed: LONG_AGO })
  const other = image(['v1'])
  await trash.artifact(artifact)
  await trash.artifact(other)
  standIn.registry.project('small').quota.hard = 10
  const { lines, results } = await restore()
  expect(lines).toEqual([`small/app: failed; request-failed ${artifact.digest}`, `${REPOSITORY}: restored`])
  expect(results[0]?.notes[0]?.words).toContain('will exceed the configured upper limit')
})

// Anybody who may push can tag a signature as one of its own signature.
test('accessories that hang on each other', async () => {
  const one = image(['v1'])
  const signature = builder.sign(REPOSITORY, one.digest, 'sig', LONG_AGO)
  const second = builder.refer(signature, 'application/vnd.example.note', 'of a signature', LONG_AGO)
  const ring = `${second.digest.replace(':', '-')}.sig`
  await trash.artifact(one, {
    edit: (manifests) =>
      manifests.map((manifest) =>
        manifest.digest === signature.digest ? { ...manifest, tags: [ring, ...manifest.tags] } : manifest,
      ),
  })
  expect((await restore()).lines).toEqual(['library/app: restored'])
})
