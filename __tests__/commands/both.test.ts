// Two policies on one crawl: the plan is to the byte the one that there is without the other policy.
import { afterEach, describe, expect, test } from '@jest/globals'
import { withSizes, withSizesOfBoth } from '../../src/commands/sizes.ts'
import { parseSettings } from '../../src/inputs/settings.ts'
import { decisionLines } from '../../src/report/decisions.ts'
import { jsonLines } from '../../src/report/json-lines.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { clientOf } from '../helpers/connect.ts'
import { planBothOf, planOf, type Planned } from '../helpers/plan.ts'
import { Folder } from '../helpers/program.ts'
import { fillAtRandom, policyAtRandom } from '../helpers/random.ts'
import { daysLater, images, LONG_AGO } from '../helpers/registry.ts'
import { startRelay, type Relay } from '../helpers/relay.ts'
import { RecordingHost } from '../helpers/run.ts'

const NOW = daysLater(400)

const NAMES = ['team-a/web', 'team-a/api', 'team-b/web']

let standIn: StandIn
let relay: Relay | undefined
afterEach(async () => {
  await relay?.close()
  relay = undefined
  await standIn.close()
})

/** The plan file and the decisions file. */
function files({ plan, repositories }: Planned): string {
  return [...jsonLines(plan), ...decisionLines(repositories, NOW, 'ndjson')].join('')
}

function policy(rules: string, more = ''): string {
  return `version: 1\n${more}\nrules: [${rules}]\nlimits: { max-delete-percent: 100, keep-per-repository: 0 }\n`
}

const VERSIONS = '{ name: versions, select: { tags: ["v*"] }, delete: always }'
const SIGNED = '{ name: signed, select: { signed: true }, delete: always }'
const ORPHANS = '{ name: orphans, select: { orphans: true }, delete: always }'
const COPIED = '{ name: copied, select: { tags: ["v*"] }, copy: always }'

describe('the plan by an edited policy', () => {
  test('is the same with a comparison and without, for random registries and policies', async () => {
    let differing = 0
    for (let seed = 0; seed < 40; seed += 1) {
      standIn = await startStandIn()
      fillAtRandom(standIn.registry, seed)
      const [after, before] = [policyAtRandom(seed), policyAtRandom(seed + 500)]
      const alone = await planOf(standIn.url, after, { now: NOW })
      const both = await planBothOf(standIn.url, [after, before], { now: NOW })
      expect(files(both)).toBe(files(alone))
      differing += Number(both.effect.groups.length > 0)
      await standIn.close()
    }
    expect(differing).toBeGreaterThan(20)
    standIn = await startStandIn()
  }, 120_000)

  async function inBothWays(after: string, before: string): Promise<readonly [string, string]> {
    const alone = await planOf(standIn.url, after, { now: NOW })
    expect(alone.plan.actions).not.toEqual([])
    return [files(await planBothOf(standIn.url, [after, before], { now: NOW })), files(alone)]
  }

  // A signature on an SBOM: who reads accessories of everything sees the SBOM, a second reading the signature too.
  test('is not one that knows of accessories what only the other policy asked for', async () => {
    standIn = await startStandIn()
    const builder = new Builder(standIn.registry)
    const image = builder.image('library/app', { tags: ['v1', 'x'], pushed: LONG_AGO, layers: ['a'] })
    const sbom = builder.refer(image, 'application/spdx+json', 'sbom', LONG_AGO)
    builder.sign('library/app', sbom.digest, 'sig', LONG_AGO)
    const other = '{ name: other, select: { tags: ["x"] }, delete: always }'
    const [both, alone] = await inBothWays(policy(VERSIONS), policy(`${SIGNED}, ${other}`))
    expect(both).toBe(alone)
  })

  test('does not have copies of what hangs on attachments only because the other policy asked for it', async () => {
    standIn = await startStandIn()
    const builder = new Builder(standIn.registry)
    const image = builder.image('library/app', { tags: ['v1'], pushed: LONG_AGO, layers: ['a'] })
    const attestation = builder.sign('library/app', image.digest, 'att', LONG_AGO)
    builder.refer(attestation, 'application/x+json', 'about the attestation', LONG_AGO)
    const [both, alone] = await inBothWays(policy(COPIED), policy(SIGNED))
    expect(both).toBe(alone)
  })

  test('counts no orphans that only the other policy looked for', async () => {
    standIn = await startStandIn()
    images(standIn.registry, 'library/app', ['v1'])
    for (const kind of ['sig', 'att'] as const) {
      new Builder(standIn.registry).sign('library/app', `sha256:${'5'.repeat(64)}`, kind, LONG_AGO)
    }
    const [both, alone] = await inBothWays(policy(VERSIONS), policy(ORPHANS))
    expect(both).toBe(alone)
    const [looking, lookingAlone] = await inBothWays(policy(ORPHANS), policy(VERSIONS))
    expect(looking).toBe(lookingAlone)
  })

  test('counts no projects and repositories that only the other policy reads', async () => {
    standIn = await startStandIn()
    for (const name of ['team-a', 'team-b']) standIn.registry.addProject({ name })
    for (const name of NAMES) images(standIn.registry, name, ['v1', 'v2'])
    const narrow = policy(VERSIONS, 'scope: { projects: [team-a], repositories: ["*/web"] }')
    const [both, alone] = await inBothWays(narrow, policy(VERSIONS))
    expect(both).toBe(alone)
    const [wide, wideAlone] = await inBothWays(policy(VERSIONS), narrow)
    expect(wide).toBe(wideAlone)
  })
})

describe('what only the other policy reads and Harbor fails', () => {
  const WEB = policy(VERSIONS, 'scope: { projects: [team-a], repositories: ["*/web"] }')

  async function failing(path: RegExp): Promise<string> {
    standIn = await startStandIn()
    for (const name of ['team-a', 'team-b']) standIn.registry.addProject({ name })
    for (const name of NAMES) images(standIn.registry, name, ['v1', 'v2'])
    const body = JSON.stringify({ errors: [{ code: 'UNKNOWN', message: 'broken' }] })
    const broken = { status: 500, headers: { 'content-type': 'application/json' }, body }
    relay = await startRelay(standIn.url, {
      before: (seen) => (path.test(seen.path) ? broken : undefined),
    })
    return relay.url
  }

  test.each([
    ['a repository', /repositories\/api\/artifacts/],
    ['a project', /projects\/team-b\/repositories/],
    ['a repository, the second time', /team-b\/repositories\/web\/artifacts.*with_accessory=true/],
  ])('makes no plan incomplete that does without: %s', async (_, path) => {
    const url = await failing(path)
    const { plan, before } = await planBothOf(url, [WEB, policy(VERSIONS)], { now: NOW })
    expect([plan.complete, plan.problems]).toEqual([true, []])
    expect(before.failures).toHaveLength(1)
  })

  test('makes the plan incomplete where it is about everything', async () => {
    const url = await failing(/projects\?/)
    const { plan } = await planBothOf(url, [WEB, policy(VERSIONS)], { now: NOW })
    expect([plan.complete, plan.problems.length]).toEqual([false, 1])
  })

  // What is read for both isn't read again for the other.
  test('makes the other incomplete too where both touch it', async () => {
    const url = await failing(/team-a\/repositories\/web\/artifacts.*with_accessory=true/)
    const { plan, before } = await planBothOf(url, [WEB, policy(VERSIONS)], { now: NOW })
    expect(plan.complete).toBe(false)
    expect(before.failures.map(({ where }) => where)).toEqual(['team-a/web'])
  })
})

test('what both touch is read a second time once', async () => {
  standIn = await startStandIn()
  images(standIn.registry, 'library/app', ['v1', 'v2', 'x1'])
  await planOf(standIn.url, policy(VERSIONS), { now: NOW })
  const alone = standIn.requests.length
  standIn.resetRequests()
  const renamed = VERSIONS.replace('versions', 'renamed')
  const { effect } = await planBothOf(standIn.url, [policy(VERSIONS), policy(renamed)], { now: NOW })
  expect(standIn.requests).toHaveLength(alone)
  expect(effect.groups.map(({ kind, units }) => [kind, units])).toEqual([['other-rule', 2]])
})

// A plan and the one before are counted alike, so that one can be held against the other.
describe('what deletes free is told of both plans', () => {
  async function countedBoth(sizes: 'exact' | 'estimate' | 'off', seed: number): Promise<void> {
    standIn = await startStandIn()
    fillAtRandom(standIn.registry, seed)
    const folder = new Folder()
    const { harbor, close } = clientOf(standIn.url)
    const [after, before] = [policyAtRandom(seed), policyAtRandom(seed + 500)]
    const both = await planBothOf(standIn.url, [after, before], { now: NOW })
    const { version } = await harbor.account()
    const given = {
      'harbor-url': standIn.url,
      'harbor-username': 'admin',
      'harbor-password': 'x',
      'work-dir': folder.path,
    }
    const parsed = parseSettings({ ...given, sizes }, NOW)
    if (!('settings' in parsed)) throw new Error(parsed.problems.join('\n'))
    const { settings } = parsed
    const counting = { harbor, version, settings, host: new RecordingHost() }
    try {
      const inventories = { after: both.inventory, before: both.before }
      const { plan, effect } = await withSizesOfBoth(both.plan, both, inventories, counting)
      const former = await planOf(standIn.url, before, { now: NOW })
      expect(plan).toEqual(await withSizes(both.plan, both.inventory, counting))
      expect(effect.before?.totals).toEqual((await withSizes(former.plan, former.inventory, counting)).totals)
      expect(plan.totals.sizes).toBe(sizes)
    } finally {
      await close()
      folder.remove()
    }
  }

  test.each([
    ['exact', 3],
    ['exact', 4],
    ['estimate', 5],
    ['off', 6],
  ] as const)('%s, registry %d', async (sizes, seed) => {
    await countedBoth(sizes, seed)
  })
})
