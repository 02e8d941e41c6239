// `sizes: exact` is what Harbor's garbage collection frees, to the byte: the plan's deletes carried out in a stand-in,
// and its own collection run.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { loadLab } from '../../stand-in/load/lab.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { carryOut } from '../helpers/carry-out.ts'
import { ADMIN } from '../helpers/connect.ts'
import { inputsFor, LAB, LAB_POLICY } from '../helpers/lab.ts'
import { ended, Folder, outputsOf, startAction, type Inputs } from '../helpers/program.ts'
import { fillAtRandom, policyAtRandom } from '../helpers/random.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import type { Plan } from '../../src/plan/types.ts'

const HOUR = 3_600_000
let standIn: StandIn
let builder: Builder
let folder: Folder
const clock = { ahead: 0 }

beforeEach(async () => {
  clock.ahead = 0
  standIn = await startStandIn({ clock: () => Date.now() + clock.ahead })
  builder = new Builder(standIn.registry)
  folder = new Folder()
})
afterEach(async () => {
  folder.remove()
  await standIn.close()
})

async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ location: string; text: string }> {
  const answer = await fetch(`${standIn.url}${path}`, {
    method,
    headers: { authorization: `Basic ${btoa(`${ADMIN.username}:${ADMIN.password}`)}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { location: answer.headers.get('location') ?? '', text: await answer.text() }
}

/** Harbor's own garbage collection, long enough after the last push. */
async function collect(): Promise<number> {
  clock.ahead += 3 * HOUR
  const { location } = await ask('POST', '/api/v2.0/system/gc/schedule', {
    schedule: { type: 'Manual' },
    parameters: { delete_untagged: false, dry_run: false, workers: 1 },
  })
  const execution = parseJson<unknown>((await ask('GET', location)).text)
  const parameters = isRecord(execution) ? parseJson<unknown>(String(execution['job_parameters'])) : {}
  return isRecord(parameters) ? Number(parameters['freed_space']) : Number.NaN
}

interface Sized {
  readonly plan: Plan
  readonly claimed: number
  readonly output: string
  readonly log: string
}

async function plan(policy: string, inputs: Inputs = {}): Promise<Sized> {
  folder.write('policy.yml', policy)
  const ran = await ended(startAction(folder, inputsFor(standIn, { sizes: 'exact', ...inputs })))
  const made = parseJson<Plan>(folder.read('harbor-dredge-plan.json'))
  return {
    plan: made,
    claimed: made.totals.reclaimableBytes ?? Number.NaN,
    output: outputsOf(folder)['reclaimable-bytes'] ?? '',
    log: ran.stdout,
  }
}

/** What is claimed, and what comes of it. */
async function claimedAndFreed(policy: string): Promise<readonly [number, number]> {
  const sized = await plan(policy)
  expect([sized.plan.totals.sizes, sized.output]).toEqual(['exact', String(sized.claimed)])
  // Nothing but what the plan deletes is to be freed.
  await collect()
  expect(await carryOut(standIn.url, sized.plan)).toEqual({ refused: [] })
  return [sized.claimed, await collect()]
}

const ALL = (select: string): string => `version: 1
rules: [{ name: r, select: ${select}, delete: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0, grace: 0m }
`

test('of the lab', async () => {
  loadLab(standIn.registry, LAB)
  const [claimed, freed] = await claimedAndFreed(LAB_POLICY.replace('limits: {', 'limits: { grace: 0m,'))
  expect(claimed).toBe(freed)
  expect(claimed).toBeGreaterThan(100_000)
})

test('as a real Harbor measured it: 27 artifacts, the sizes of which add up to five times as much', async () => {
  loadLab(standIn.registry, LAB)
  const policy = `version: 1
rules:
  - { name: untagged, select: { repositories: [team-a/api], untagged: true }, delete: always }
  - { name: prs, select: { repositories: [team-a/api], tags: ["pr-1*"] }, delete: always }
  - { name: beta, select: { repositories: [team-a/web/frontend], tags: ["2.1.0-beta*"] }, delete: always }
  - { name: worker, select: { repositories: [team-a/worker], tags: ["0.1.0"] }, delete: always }
  - { name: nightly, select: { repositories: [team-b/base], tags: [nightly-1] }, delete: always }
limits: { max-delete-percent: 100, keep-per-repository: 0, grace: 0m }
`
  expect(await claimedAndFreed(policy)).toEqual([1_237_457, 1_237_457])
  const { actions, totals } = parseJson<Plan>(folder.read('harbor-dredge-plan.json'))
  expect([actions.length, totals.naiveBytes]).toEqual([27, 6_443_964])
})

test('of layers that are shared across repositories and projects', async () => {
  standIn.registry.addProject({ name: 'other' })
  const image = (repository: string, tag: string, layers: readonly string[]): void => {
    builder.image(repository, {
      tags: [tag],
      pushed: LONG_AGO,
      layers: layers.map((name) => ({ name, size: 1000 + name.length })),
    })
  }
  image('library/a', 'old-1', ['base', 'one', 'twice'])
  image('library/b', 'old-2', ['base', 'two', 'twice'])
  image('other/c', 'kept', ['base', 'kept'])
  image('other/d', 'old-3', ['kept', 'three'])
  // The same image in two places, of which one stays: nothing is freed by it.
  image('library/e', 'old-4', ['same'])
  image('other/e', 'kept', ['same'])
  const [claimed, freed] = await claimedAndFreed(ALL('{ tags: ["old-*"] }'))
  expect(claimed).toBe(freed)
  // One, two, three and once twice, beside manifests and configs.
  expect(claimed).toBeGreaterThan(4000)
  expect(claimed).toBeLessThan(9000)
})

describe('of what hangs on others', () => {
  test('indexes, their children, attestations, signatures and SBOMs', async () => {
    for (const tag of ['old', 'kept']) {
      const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
        builder.image('library/app', { layers: [`${tag} ${platform}`, 'base'], platform, pushed: LONG_AGO }),
      )
      const index = builder.index('library/app', {
        images,
        attestations: true,
        tags: [tag],
        pushed: LONG_AGO,
      })
      builder.sign('library/app', index.digest, 'sig', LONG_AGO)
      const [first = index] = images
      builder.refer(first, 'application/spdx+json', `sbom ${tag}`, LONG_AGO)
    }
    const [claimed, freed] = await claimedAndFreed(ALL('{ tags: [old] }'))
    expect(claimed).toBe(freed)
  })

  test('accessories of accessories, where both go', async () => {
    const image = builder.image('library/app', { tags: ['old'], pushed: LONG_AGO })
    builder.image('library/app', { tags: ['kept'], pushed: LONG_AGO })
    const sbom = builder.refer(image, 'application/spdx+json', 'sbom', LONG_AGO)
    builder.sign('library/app', sbom.digest, 'sig', LONG_AGO)
    const [claimed, freed] = await claimedAndFreed(ALL('{ tags: [old] }'))
    expect(claimed).toBe(freed)
  })

  // Lists show an artifact's accessories, not theirs: the empty config `{}` that they all share stays with these.
  test('accessories of accessories, where some stay', async () => {
    const image = builder.image('library/app', { tags: ['old'], pushed: LONG_AGO })
    const kept = builder.image('library/app', { tags: ['kept'], pushed: LONG_AGO })
    builder.refer(image, 'application/spdx+json', 'same', LONG_AGO)
    const sbom = builder.sign('library/app', kept.digest, 'sig', LONG_AGO)
    builder.refer(sbom, 'application/spdx+json', 'same', LONG_AGO)
    const [claimed, freed] = await claimedAndFreed(ALL('{ tags: [old] }'))
    expect(claimed).toBe(freed)
  })

  test('orphans that lists have', async () => {
    builder.image('library/app', { tags: ['kept'], pushed: LONG_AGO })
    const subject = `sha256:${'ab'.repeat(32)}`
    for (const kind of ['att', 'sbom'] as const) builder.sign('library/app', subject, kind, LONG_AGO)
    const [claimed, freed] = await claimedAndFreed(ALL('{ orphans: true }'))
    expect(claimed).toBe(freed)
    expect(claimed).toBeGreaterThan(0)
  })

  test('an orphan signature, which no list has', async () => {
    builder.image('library/app', { tags: ['kept'], pushed: LONG_AGO })
    builder.sign('library/app', `sha256:${'ab'.repeat(32)}`, 'sig', LONG_AGO)
    const [claimed, freed] = await claimedAndFreed(ALL('{ orphans: true }'))
    expect([claimed > 0, claimed]).toEqual([true, freed])
  })

  test('an orphan signature that stays holds what it shares', async () => {
    builder.sign('library/app', `sha256:${'ab'.repeat(32)}`, 'sig', LONG_AGO)
    const old = builder.image('library/other', { tags: ['old'], pushed: LONG_AGO })
    builder.sign('library/other', old.digest, 'sig', LONG_AGO)
    const [claimed, freed] = await claimedAndFreed(ALL('{ tags: [old] }'))
    expect(claimed).toBe(freed)
  })
})

test.each([3, 8, 14, 21, 37])('of registry %d made at random', async (seed) => {
  fillAtRandom(standIn.registry, seed)
  const policy = policyAtRandom(seed * 7919).replace('{ orphans: true }', '{ tags: ["x*"] }')
  const [claimed, freed] = await claimedAndFreed(policy)
  expect(claimed).toBe(freed)
})

describe('where it can’t be counted', () => {
  test('the estimate is what is given, and why', async () => {
    builder.image('library/app', { tags: ['old'], pushed: LONG_AGO })
    builder.image('library/app', { tags: ['kept'], pushed: LONG_AGO })
    standIn.faults.inject({
      path: /\/v2\/.*manifests/,
      times: Infinity,
      fault: { kind: 'error', status: 404, code: 'NOT_FOUND', message: 'gone' },
    })
    const { plan: made, log } = await plan(ALL('{ tags: [old] }'))
    expect([made.totals.sizes, made.applyable]).toEqual(['estimate', true])
    expect(log).toMatch(
      /^::warning::sizes are estimated: GET \/v2\/library\/app\/manifests\/sha256:\w+: answered 404/m,
    )
  })

  test.each(['estimate', 'off'])('%s reads no manifest, and an estimate is never too low', async (sizes) => {
    loadLab(standIn.registry, LAB)
    const policy = LAB_POLICY.replace('limits: {', 'limits: { grace: 0m,')
    const { plan: made, output } = await plan(policy, { sizes })
    expect(standIn.requests.filter(({ path }) => path.startsWith('/v2'))).toEqual([])
    expect(made.totals.sizes).toBe(sizes)
    if (sizes === 'off') {
      expect(output).toBe('')
      return
    }
    await collect()
    await carryOut(standIn.url, made)
    expect(made.totals.reclaimableBytes).toBeGreaterThanOrEqual(await collect())
  })
})

test('a second run reads no manifest again', async () => {
  loadLab(standIn.registry, LAB)
  const policy = LAB_POLICY.replace('limits: {', 'limits: { grace: 0m,')
  const first = await plan(policy)
  standIn.resetRequests()
  const second = await plan(policy)
  expect(second.claimed).toBe(first.claimed)
  expect(
    standIn.requests.filter(({ path }) => path.startsWith('/v2/') && path.includes('manifests')),
  ).toEqual([])
})
