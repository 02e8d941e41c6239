// Somebody puts a tag at the mirror while an image is on its way there: what must not move doesn't.
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { deleteArtifact } from '../../stand-in/state/delete.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { startRelay, type Relay } from '../helpers/relay.ts'
import { Commands, type Commanded, mirrorAt } from '../helpers/run.ts'

const REPOSITORY = 'library/app'
const TARGET = 'backup/library/app'

let source: StandIn
let target: StandIn
let relay: Relay | undefined
let folder: Folder
beforeEach(async () => {
  source = await startStandIn()
  target = await startStandIn()
  target.registry.addProject({ name: 'backup' })
  folder = new Folder()
})
afterEach(async () => {
  await relay?.close()
  await source.close()
  await target.close()
  folder.remove()
})

/** Runs an apply during which somebody puts `tag`, right before the first request of this kind. */
async function overtaken(
  overwrite: string,
  { method, path }: { readonly method: string; readonly path: RegExp },
  tag: string,
): Promise<Commanded & { readonly other: Artifact | undefined }> {
  folder.write(
    'policy.yml',
    `version: 1
rules: [{ name: all, select: { tags: ["v*"] }, archive: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
mirror: { overwrite: ${overwrite} }
`,
  )
  let other: Artifact | undefined
  relay = await startRelay(target.url, {
    before: (seen) => {
      if (seen.method === method && path.test(seen.path)) {
        other ??= new Builder(target.registry).image(TARGET, { tags: [tag], layers: ['theirs'] })
      }
      return undefined
    },
  })
  const commands = new Commands(folder, source.url, mirrorAt(relay.url))
  return { ...(await commands.planAndApply()), other }
}

const image = (...tags: string[]): Artifact =>
  new Builder(source.registry).image(REPOSITORY, { tags, layers: tags, pushed: LONG_AGO })

const UPLOAD = { method: 'POST', path: /blobs\/uploads/ }

test.each([
  ['never', [0, '0', '2', '0']],
  ['fail', [1, '0', '1', '1']],
  ['always', [0, '2', '0', '0']],
] as const)('the tag that comes with the image, overwrite: %s', async (overwrite, told) => {
  const { digest } = image('v1')
  const { status, host, other } = await overtaken(overwrite, UPLOAD, 'v1')
  const { applied, skipped, failed } = host.outputs
  expect([status, applied, skipped, failed]).toEqual(told)
  const standing = target.registry.artifact(TARGET, 'v1').digest
  expect(standing).toBe(overwrite === 'always' ? digest : other?.digest)
  // What could not be archived stays.
  expect(source.registry.findRepository(REPOSITORY)?.tags.has('v1') ?? false).toBe(overwrite !== 'always')
  if (overwrite !== 'always') {
    expect(host.text).toContain(`${TARGET}:v1 is another image, ${other?.digest ?? ''}`)
  }
})

test('a further tag', async () => {
  const { digest } = image('v1', 'v1.0')
  const { host, other } = await overtaken('never', { method: 'PUT', path: /manifests\/v1$/ }, 'v1.0')
  expect(host.outputs).toMatchObject({ applied: '0', skipped: '2' })
  expect(target.registry.artifact(TARGET, 'v1').digest).toBe(digest)
  expect(target.registry.artifact(TARGET, 'v1.0').digest).toBe(other?.digest)
  expect(source.registry.repository(REPOSITORY).tags.size).toBe(2)
})

test('a signature’s tag', async () => {
  const one = image('v1')
  new Builder(source.registry).sign(REPOSITORY, one.digest, 'sig', LONG_AGO)
  const signatureTag = `${one.digest.replace(':', '-')}.sig`
  const { host, other } = await overtaken('never', UPLOAD, signatureTag)
  expect(host.outputs).toMatchObject({ applied: '0', skipped: '2' })
  expect(target.registry.artifact(TARGET, signatureTag).digest).toBe(other?.digest)
  expect(source.registry.repository(REPOSITORY).tags.has('v1')).toBe(true)
})

// A mirror that lets nothing in for a while takes as long as one that is sent a lot.
test('copies that send nothing for an hour, and the newest that was to stay goes meanwhile', async () => {
  folder.write(
    'policy.yml',
    `version: 1
rules:
  - { name: kept, select: { tags: ["c*"] }, copy: always }
  - { name: old, select: { tags: ["v*"] }, keep: { newest: 1 }, delete: always }
limits: { max-delete-percent: 100, keep-per-repository: 0 }
mirror: { verify: deep }
`,
  )
  const [, , newest] = [image('c1'), image('v1'), image('v2')]
  const clock = jest.spyOn(Date, 'now')
  const began = Date.now()
  relay = await startRelay(target.url, {
    before: ({ method, path }) => {
      const isLooked = method === 'HEAD' && path.includes('/blobs/')
      if (
        isLooked &&
        newest !== undefined &&
        source.registry.findRepository(REPOSITORY)?.tags.has('v2') === true
      ) {
        deleteArtifact(source.registry, newest, 'somebody')
        clock.mockImplementation(() => began + 3_600_000)
      }
      return undefined
    },
  })
  try {
    const commands = new Commands(folder, source.url, mirrorAt(relay.url))
    const copied = new Builder(target.registry).image(TARGET, {
      tags: ['c1'],
      layers: ['c1'],
      pushed: LONG_AGO,
    })
    expect(copied.digest).toBe(source.registry.artifact(REPOSITORY, 'c1').digest)
    await commands.planAndApply()
    expect(source.registry.findRepository(REPOSITORY)?.tags.has('v1')).toBe(true)
  } finally {
    clock.mockRestore()
  }
})
