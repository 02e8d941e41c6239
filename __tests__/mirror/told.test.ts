// What an apply says and writes down of its copies, and what it decides once more after them.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { deleteArtifact } from '../../stand-in/state/delete.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { compareText } from '../../src/shared/order.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { startRelay } from '../helpers/relay.ts'
import { Commands, mirrorAt } from '../helpers/run.ts'

const REPOSITORY = 'library/app'
const MIB = 2 ** 20
const DAY = 86_400_000

interface Line {
  readonly tags: readonly string[]
  readonly outcome: string
  readonly why: string
  readonly target: string
  readonly how: string
  readonly bytes: number
  readonly seconds: number
}

let source: StandIn
let target: StandIn
let folder: Folder
beforeEach(async () => {
  source = await startStandIn()
  target = await startStandIn()
  target.registry.addProject({ name: 'backup' })
  folder = new Folder()
})
afterEach(async () => {
  await source.close()
  await target.close()
  folder.remove()
})

function commandsTo(url: string): Commands {
  return new Commands(folder, source.url, mirrorAt(url))
}

function policy(rule: string): void {
  folder.write(
    'policy.yml',
    `version: 1
rules: [{ name: all, select: { tags: ["v*"] }, ${rule} }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`,
  )
}

function image(
  tags: readonly string[],
  size: number,
  { pushed = LONG_AGO, repository = REPOSITORY } = {},
): Artifact {
  const layers = [{ name: tags.join(), size }]
  return new Builder(source.registry).image(repository, { tags, layers, pushed })
}

function lines(): ReadonlyMap<string, Line> {
  const { results } = parseJson<{ results: Line[] }>(folder.read('work/result.json'))
  const byTag = results.map((line) => [line.tags[0] ?? '', line] as const)
  return new Map(byTag.toSorted(([a], [b]) => compareText(a, b)))
}

test('of each image how it came, how much was sent, and how long that took', async () => {
  policy('copy: always')
  const there = new Builder(target.registry)
  image(['v1-there'], 1000)
  there.image('backup/library/app', {
    tags: ['v1-there'],
    layers: [{ name: 'v1-there', size: 1000 }],
    pushed: LONG_AGO,
  })
  image(['v2-tagless'], 1000)
  there.image('backup/library/app', { layers: [{ name: 'v2-tagless', size: 1000 }], pushed: LONG_AGO })
  image(['v3-small'], 1000)
  image(['v4-large'], 3 * MIB)
  const { host, ...outcome } = await commandsTo(target.url).planAndApply()
  expect([outcome, host.complained, host.warned]).toEqual([{ status: 0, reason: '' }, [], []])
  const told = lines()
  expect([...told].map(([tag, { how }]) => [tag, how])).toEqual([
    ['v1-there', 'nothing'],
    ['v2-tagless', 'tags'],
    ['v3-small', 'by-hand'],
    ['v4-large', 'skopeo'],
  ])
  const place = `${new URL(target.url).host}/backup/library/app`
  for (const { outcome: became, target: to, seconds } of told.values()) {
    expect([became, to, seconds >= 0]).toEqual(['done', place, true])
  }
  const bytes = [...told.values()].map((line) => line.bytes)
  expect(bytes[0]).toBe(0)
  expect(bytes[1]).toBeLessThan(1000)
  expect(bytes[2]).toBeGreaterThan(1000)
  expect(bytes[3]).toBeGreaterThan(3 * MIB)
  expect(host.text).toMatch(/^4 images are at the mirror, 1 of them already; 3\.0\d MiB was sent\.$/m)
  expect(host.text).toMatch(/library\/app:v4-large +\S+ +by skopeo +3\.00 MiB +\d+\.\d s +all/)
  expect(host.text).toMatch(/library\/app:v1-there +\S+ +there already +all/)
  // Nothing was deleted.
  expect(host.text).not.toMatch(/restored|frees/)
  const progress = host.said.filter((line) => /\d of 4: copied /.test(line))
  expect(progress).toHaveLength(3)
  expect(progress.join('\n')).toMatch(
    /copied library\/app:v4-large to \S+: 3\.00 MiB in \d+\.\d s, by skopeo/,
  )
})

test('with nothing new the mirror is asked for its tags once, and once for each of them', async () => {
  policy('copy: always')
  const tags = Array.from({ length: 30 }, (_, index) => `v${index}`)
  for (const tag of tags) image([tag], 1000)
  const commands = commandsTo(target.url)
  const { host } = await commands.planAndApply()
  target.resetRequests()
  const again = await commands.run('apply', { 'plan-id': host.outputs['plan-id'] ?? '' })
  expect([again.status, again.host.outputs['applied']]).toEqual([0, '30'])
  const asked = target.requests
    .filter(({ path }) => path.startsWith('/v2/backup/'))
    .map(({ method, path }) => `${method} ${path.replace(/^.*\//, '')}`)
  expect(asked.toSorted()).toEqual(['GET list?n=1000', ...tags.map((tag) => `HEAD ${tag}`)].toSorted())
})

test('a mirror that is gone is tried by those under way, and then no more', async () => {
  policy('copy: always')
  for (let index = 0; index < 40; index += 1) {
    image([`v${index}`], 1000, { repository: `library/app-${index}` })
  }
  const commands = commandsTo(target.url)
  const { host: planned } = await commands.run('plan')
  // Gone once it was found to be there.
  target.faults.inject({ path: '/v2/backup', times: Infinity, fault: { kind: 'cut', acted: false } })
  target.resetRequests()
  const { host, ...outcome } = await commands.run('apply', { 'plan-id': planned.outputs['plan-id'] ?? '' })
  expect(outcome).toEqual({ status: 1, reason: 'partly-failed' })
  expect(host.outputs['failed']).toBe('40')
  const begun = [...lines().values()].filter(({ why }) => !why.startsWith('not begun: '))
  expect(begun.length).toBeLessThanOrEqual(8)
}, 120_000)

describe('what is archived', () => {
  test('is decided once more after the copies, by what is there by then', async () => {
    policy('keep: { newest: 1 }, archive: always')
    image(['v1'], 1000)
    const newer = image(['v2'], 1000, { pushed: LONG_AGO + DAY })
    const relay = await startRelay(target.url, {
      before: ({ method, path }) => {
        // Somebody deletes the one that was to stay, while the other is copied.
        const isFirst = method === 'PUT' && path.endsWith('/manifests/v1')
        if (isFirst && source.registry.repository(REPOSITORY).tags.has('v2')) {
          deleteArtifact(source.registry, newer, 'somebody')
        }
        return undefined
      },
    })
    try {
      const { host, ...outcome } = await commandsTo(relay.url).planAndApply()
      expect(outcome).toEqual({ status: 0, reason: '' })
      expect(host.outputs).toMatchObject({ applied: '1', skipped: '1', failed: '0' })
      expect(host.text).toMatch(/no longer due: v1 stays: image 1 of the newest 1/)
      expect([...source.registry.repository(REPOSITORY).tags.keys()]).toEqual(['v1'])
    } finally {
      await relay.close()
    }
  })

  test('is not read again where nothing was sent', async () => {
    policy('archive: always')
    image(['v1'], 1000)
    new Builder(target.registry).image('backup/library/app', {
      tags: ['v1'],
      layers: [{ name: 'v1', size: 1000 }],
      pushed: LONG_AGO,
    })
    const commands = commandsTo(target.url)
    const { host } = await commands.run('plan')
    source.resetRequests()
    await commands.run('apply', { 'plan-id': host.outputs['plan-id'] ?? '' })
    const crawls = source.requests.filter(({ path }) => path.includes('/repositories?'))
    expect(crawls).toHaveLength(1)
    expect(source.registry.findRepository(REPOSITORY)?.artifacts.size ?? 0).toBe(0)
  })
})
