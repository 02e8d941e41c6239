// What Harbor has swept comes back from the mirror that it was archived to.
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { deleteArtifact } from '../../stand-in/state/delete.ts'
import { startGc } from '../../stand-in/state/gc.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Artifact, Blob } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { Commands, type Commanded, mirrorAt } from '../helpers/run.ts'
import { startDockerRegistry } from '../registry/docker-registry.ts'
import { contentsOf, type State } from './state.ts'

const REPOSITORY = 'library/app'
const NO_MIRROR = { 'mirror-registry': '', 'mirror-username': '', 'mirror-password': '' }
const DAY = 86_400_000

let harbor: StandIn
let mirror: StandIn
let folder: Folder
let commands: Commands
let builder: Builder
beforeEach(async () => {
  harbor = await startStandIn()
  mirror = await startStandIn()
  mirror.registry.addProject({ name: 'backup' })
  folder = new Folder()
  commands = new Commands(folder, harbor.url, mirrorAt(mirror.url))
  builder = new Builder(harbor.registry)
  policy('archive')
})
afterEach(async () => {
  await harbor.close()
  await mirror.close()
  folder.remove()
})

function policy(action: string): void {
  folder.write(
    'policy.yml',
    `version: 1
rules: [{ name: all, select: { tags: ["v*"] }, ${action}: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
trash: { keep: 1d }
`,
  )
}

function image(tags: readonly string[], layer: string, size = 1000): Artifact {
  return builder.image(REPOSITORY, { tags, layers: [{ name: layer, size }], pushed: LONG_AGO })
}

const contents = (): State => contentsOf(harbor.registry)
const told = ({ status, reason }: Commanded): readonly unknown[] => [status, reason]

function pushes({ requests }: StandIn): readonly string[] {
  return requests.filter(({ method }) => !['GET', 'HEAD'].includes(method)).map(({ path }) => path)
}

/** What nothing references goes, as if nobody had asked for it lately. */
function collectGarbage(): void {
  for (const blob of harbor.registry.blobs.values()) blob.updated = LONG_AGO
  startGc(harbor.registry, { dryRun: false, deleteUntagged: false, deleteTag: false, workers: 1 })
  harbor.registry.clock.settle()
}

async function archive(): Promise<void> {
  const { host, status } = await commands.planAndApply()
  expect([status, host.complained, host.warned]).toEqual([0, [], []])
  collectGarbage()
}

function blobAt({ registry }: StandIn, digest: string): Blob {
  const blob = registry.blobs.get(digest)
  if (blob === undefined) throw new Error(`no blob ${digest}`)
  return blob
}

function layerOf({ blobs, digest }: Artifact): Blob {
  const layers = [...blobs].filter((blob) => blob.digest !== digest)
  const largest = layers.toSorted((a, b) => b.size - a.size)[0]
  if (largest === undefined) throw new Error('no layers')
  return largest
}

describe('an archived image that Harbor has swept', () => {
  test('comes back whole, with children, signatures and labels; a dry run says what from where', async () => {
    const children = ['amd', 'arm'].map((name) => image([], name))
    const index = builder.index(REPOSITORY, {
      images: children,
      tags: ['v1', 'v1.0'],
      attestations: true,
      labels: ['keep-me'],
      pushed: LONG_AGO,
    })
    builder.sign(REPOSITORY, index.digest, 'sig', LONG_AGO)
    builder.refer(index, 'application/spdx+json', 'sbom', LONG_AGO)
    image(['stays'], 'amd')
    const before = contents()
    await archive()
    expect(contents()).not.toEqual(before)

    harbor.resetRequests()
    const dry = await commands.run('restore', { 'dry-run': 'true' })
    expect(told(dry)).toEqual([0, ''])
    expect(dry.host.text).toMatch(/\d+ blobs of 1 image, \S+ \S+ would come from the mirror/)
    expect(dry.host.text).toContain(`${new URL(mirror.url).host}/backup/${REPOSITORY}`)
    expect(pushes(harbor)).toEqual([])

    const { host, ...outcome } = await commands.run('restore')
    expect([outcome, host.outputs['applied'], host.complained]).toEqual([{ status: 0, reason: '' }, '1', []])
    expect(contents()).toEqual(before)
    expect(host.text).toMatch(/\d+ blobs of 1 image, \S+ \S+ came from the mirror/)
    const { results } = parseJson<{ results: { mirrored: { digest: string; from: string }[] }[] }>(
      folder.read('work/restored.json'),
    )
    // What another image still has isn't asked for.
    const [shared] = children.map((child) => layerOf(child).digest)
    expect(results[0]?.mirrored.map(({ digest }) => digest)).not.toContain(shared)
    expect(new Set(results[0]?.mirrored.map(({ from }) => from))).toEqual(
      new Set([`${new URL(mirror.url).host}/backup/${REPOSITORY}`]),
    )
    expect(told(await commands.run('restore'))).toEqual([0, ''])
  }, 60_000)

  test('comes back with what cosign attached, which went by itself', async () => {
    const one = image(['v1'], 'one')
    for (const kind of ['sig', 'att', 'sbom'] as const) {
      builder.sign(REPOSITORY, one.digest, kind, LONG_AGO)
    }
    const before = contents()
    await archive()
    const { host, ...outcome } = await commands.run('restore')
    expect([outcome, host.outputs['applied'], host.complained]).toEqual([{ status: 0, reason: '' }, '3', []])
    expect(contents()).toEqual(before)
  })

  test('is lost without the mirror, and it is said where it is', async () => {
    image(['v1'], 'one')
    await archive()
    const before = contents()
    const without = await commands.run('restore', NO_MIRROR)
    expect(told(without)).toEqual([1, 'not-restorable'])
    const place = `${new URL(mirror.url).host}/backup/${REPOSITORY}`
    expect(without.host.text).toContain(
      `it was copied to ${place}: give \`mirror-registry\` to take it back from there`,
    )
    expect(contents()).toEqual(before)
  })

  test('is not looked for at another mirror', async () => {
    image(['v1'], 'one')
    await archive()
    const other = await startStandIn()
    try {
      const { host, ...outcome } = await commands.run('restore', { 'mirror-registry': other.url })
      expect(outcome).toEqual({ status: 1, reason: 'not-restorable' })
      expect(host.text).toContain(`and \`mirror-registry\` is at ${new URL(other.url).host}: give that one`)
      expect(other.requests).toEqual([])
    } finally {
      await other.close()
    }
  })

  test('comes from the same mirror also when another path of it is given', async () => {
    image(['v1'], 'one')
    const before = contents()
    await archive()
    const restored = await commands.run('restore', { 'mirror-registry': `${mirror.url}/else` })
    expect(told(restored)).toEqual([0, ''])
    expect(contents()).toEqual(before)
  })

  test('is lost when the mirror has lost it too, and that is said', async () => {
    const one = image(['v1'], 'one')
    await archive()
    const at = mirror.registry.artifact(`backup/${REPOSITORY}`, one.digest)
    deleteArtifact(mirror.registry, at, 'somebody')
    mirror.registry.blobs.clear()
    const { host, ...outcome } = await commands.run('restore')
    expect(outcome).toEqual({ status: 1, reason: 'not-restorable' })
    expect(host.text).toMatch(/nor is that at \S+backup\/library\/app any more, where it was copied to/)
  })

  test('is not put back with a blob that is not what its digest says', async () => {
    const one = image(['v1'], 'one', 200_000)
    const layer = layerOf(one)
    await archive()
    Object.assign(blobAt(mirror, layer.digest), { content: randomBytes(layer.size) })
    const { host, ...outcome } = await commands.run('restore')
    expect(outcome).toEqual({ status: 1, reason: 'partly-failed' })
    expect(host.text).toMatch(/the blob is another one than its digest says/)
    expect(harbor.registry.blobs.has(layer.digest)).toBe(false)
    expect(harbor.registry.findRepository(REPOSITORY)?.artifacts.size ?? 0).toBe(0)
  })

  test('comes back over a line that breaks, each part of a blob once', async () => {
    const one = image(['v1'], 'one', 8_000_000)
    const before = contents()
    await archive()
    mirror.faults.inject({
      method: 'GET',
      path: layerOf(one).digest,
      times: 2,
      fault: { kind: 'truncate', bytes: 3_000_000 },
    })
    mirror.resetRequests()
    expect(told(await commands.run('restore'))).toEqual([0, ''])
    expect(contents()).toEqual(before)
    const reads = mirror.requests.filter(
      ({ method, path }) => method === 'GET' && path.includes(layerOf(one).digest),
    )
    expect(reads).toHaveLength(3)
  }, 60_000)

  test('comes back where Harbor fails once in taking it', async () => {
    image(['v1'], 'one')
    const before = contents()
    await archive()
    harbor.faults.inject({ method: 'PUT', path: '/blobs/uploads/', fault: { kind: 'error', status: 503 } })
    expect(told(await commands.run('restore'))).toEqual([0, ''])
    expect(contents()).toEqual(before)
  }, 60_000)

  test('of several images shared blobs are taken once', async () => {
    for (const tag of ['v1', 'v2', 'v3']) {
      builder.image(REPOSITORY, { tags: [tag], layers: ['base', tag], pushed: LONG_AGO })
    }
    const before = contents()
    await archive()
    harbor.resetRequests()
    expect(told(await commands.run('restore'))).toEqual([0, ''])
    expect(contents()).toEqual(before)
    const uploads = harbor.requests.filter(({ method, path }) => method === 'PUT' && path.includes('/blobs/'))
    // Three layers and configurations, and the base.
    expect(uploads).toHaveLength(7)
  })
})

test('what was archived stays in the bin longer than anything else, and comes back after that', async () => {
  const one = image(['v1'], 'one')
  builder.sign(REPOSITORY, one.digest, 'att', LONG_AGO)
  const before = contents()
  await archive()
  const later = Date.now() + 30 * DAY
  for (const blob of harbor.registry.blobs.values()) blob.updated = LONG_AGO
  const dry = await commands.run('gc', { 'dry-run': 'true' }, later)
  expect(dry.host.text).not.toContain('leave the recycle bin')
  const collected = await commands.run('gc', {}, later)
  expect(told(collected)).toEqual([0, ''])
  expect(told(await commands.run('restore', {}, later))).toEqual([0, ''])
  expect(contents()).toEqual(before)
})

test('the list says that what was archived is at the mirror after its time in Harbor, with or without it', async () => {
  const one = image(['v1'], 'one')
  builder.sign(REPOSITORY, one.digest, 'att', LONG_AGO)
  await commands.planAndApply()
  const place = `${new URL(mirror.url).host}/backup/${REPOSITORY}`
  for (const given of [{}, NO_MIRROR]) {
    const { host } = await commands.run('restore', { ...given, list: 'true' }, Date.now() + 2 * DAY)
    expect(host.text).toMatch(/library\/app:v1 .* the next garbage collection; then from /)
    expect(host.text.split(`the next garbage collection; then from ${place}`)).toHaveLength(3)
    expect(host.text).toContain('As long as the mirror has what was copied to it (2 images)')
  }
})

test('a tag that was archived comes back with its image, which somebody else has deleted', async () => {
  const children = [image([], 'child')]
  const index = builder.index(REPOSITORY, { images: children, tags: ['v1', 'stays'], pushed: LONG_AGO })
  await archive()
  expect([...harbor.registry.repository(REPOSITORY).tags.keys()]).toEqual(['stays'])
  deleteArtifact(harbor.registry, index, 'somebody')
  collectGarbage()
  const without = await commands.run('restore', NO_MIRROR)
  expect(told(without)).toEqual([1, 'not-restorable'])
  expect(without.host.text).toMatch(
    /what the tag stood on is gone since; it was copied to \S+\/backup\/library\/app:/,
  )
  const { host, ...outcome } = await commands.run('restore')
  expect([outcome, host.complained]).toEqual([{ status: 0, reason: '' }, []])
  const back = harbor.registry.artifact(REPOSITORY, 'v1')
  expect([back.digest, back.references.map(({ child }) => child.digest)]).toEqual([
    index.digest,
    children.map(({ digest }) => digest),
  ])
})

test('a plain registry gives back what was archived there, blobs of many megabytes too', async () => {
  const plain = await startDockerRegistry()
  const given = { ...NO_MIRROR, 'mirror-registry': `${plain.url}/some/where` }
  image(['v1'], 'big', 30_000_000)
  const before = contents()
  const { host } = await commands.run('plan', given)
  const applied = await commands.run('apply', { ...given, 'plan-id': host.outputs['plan-id'] ?? '' })
  expect(told(applied)).toEqual([0, ''])
  collectGarbage()
  expect(told(await commands.run('restore', given))).toEqual([0, ''])
  expect(contents()).toEqual(before)
  await plain.close()
}, 60_000)

test('a journal that does not say what went along with a copy is read as before', async () => {
  const one = image(['v1'], 'one')
  builder.sign(REPOSITORY, one.digest, 'att', LONG_AGO)
  const { status } = await commands.planAndApply()
  for (const name of readdirSync(commands.at('work/bin'))) {
    const journal = folder.read(`work/bin/${name}`)
    const older = journal.replace(/,"accessories":\[[^\]]*\]/g, '')
    expect(older).not.toBe(journal)
    folder.write(`work/bin/${name}`, older)
  }
  collectGarbage()
  const { host, ...outcome } = await commands.run('restore')
  expect([status, outcome, host.warned]).toEqual([0, { status: 1, reason: 'not-restorable' }, []])
  expect([...harbor.registry.repository(REPOSITORY).tags.keys()]).toEqual(['v1'])
})
