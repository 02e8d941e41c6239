// Orphans: what cosign attached to something that is gone, found though no list has all of it; and what only looks so.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { deleteArtifact } from '../../stand-in/state/delete.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { carryOut } from '../helpers/carry-out.ts'
import { planOf } from '../helpers/plan.ts'
import { LONG_AGO } from '../helpers/registry.ts'

const REPOSITORY = 'library/app'
const NOBODY = `sha256:${'ab'.repeat(32)}`
const POLICY = `version: 1
rules: [{ name: orphans, select: { orphans: true }, delete: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`
let standIn: StandIn
let builder: Builder
beforeEach(async () => {
  standIn = await startStandIn()
  builder = new Builder(standIn.registry)
})
afterEach(() => standIn.close())

async function orphanTags(policy = POLICY): Promise<readonly string[]> {
  const { repositories } = await planOf(standIn.url, policy)
  return repositories.flatMap(({ units }) =>
    units
      .filter(({ family }) => family === 'orphans')
      .map(({ name }) => name.replace(/[0-9a-f]{60}\./, '….')),
  )
}

test('are signatures, attestations and SBOMs of what is gone', async () => {
  for (const kind of ['sig', 'att', 'sbom'] as const) builder.sign(REPOSITORY, NOBODY, kind, LONG_AGO)
  expect((await orphanTags()).toSorted()).toEqual([
    'sha256-abab….att',
    'sha256-abab….sbom',
    'sha256-abab….sig',
  ])
})

test('also where a repository has nothing else', async () => {
  builder.sign('library/only', NOBODY, 'sig', LONG_AGO)
  expect(await orphanTags()).toEqual(['sha256-abab….sig'])
})

test('whose subject goes, they become', async () => {
  const image = builder.image(REPOSITORY, { tags: ['v1'], pushed: LONG_AGO })
  builder.sign(REPOSITORY, image.digest, 'att', LONG_AGO)
  expect(await orphanTags()).toEqual([])
  deleteArtifact(standIn.registry, image, 'somebody')
  expect(await orphanTags()).toHaveLength(1)
})

test('go as artifacts: a tag alone taken from a signature leaves it where nobody sees it', async () => {
  const signature = builder.sign(REPOSITORY, NOBODY, 'sig', LONG_AGO)
  const attestation = builder.sign(REPOSITORY, NOBODY, 'att', LONG_AGO)
  const { plan } = await planOf(standIn.url, POLICY)
  expect(plan.actions.map(({ kind, digest }) => `${kind} ${digest}`).toSorted()).toEqual(
    [signature, attestation].map(({ digest }) => `delete-artifact ${digest}`).toSorted(),
  )
  expect(await carryOut(standIn.url, plan)).toEqual({ refused: [] })
  expect(standIn.registry.repository(REPOSITORY).artifacts.size).toBe(0)
})

describe('are not those of', () => {
  test('an image, an index, an index’s child, an untagged image', async () => {
    const child = builder.image(REPOSITORY, { layers: ['child'], pushed: LONG_AGO })
    const subjects = [
      builder.image(REPOSITORY, { tags: ['v1'], pushed: LONG_AGO }),
      builder.image(REPOSITORY, { layers: ['untagged'], pushed: LONG_AGO }),
      child,
      builder.index(REPOSITORY, { images: [child], tags: ['v2'], pushed: LONG_AGO }),
    ]
    for (const { digest } of subjects) {
      for (const kind of ['sig', 'att', 'sbom'] as const) builder.sign(REPOSITORY, digest, kind, LONG_AGO)
    }
    expect(await orphanTags()).toEqual([])
  })

  test('an accessory, which no list has', async () => {
    const image = builder.image(REPOSITORY, { tags: ['v1'], pushed: LONG_AGO })
    const sbom = builder.refer(image, 'application/spdx+json', 'sbom', LONG_AGO)
    for (const kind of ['sig', 'att'] as const) builder.sign(REPOSITORY, sbom.digest, kind, LONG_AGO)
    expect(await orphanTags()).toEqual([])
  })

  test('the same digest in another repository doesn’t count', async () => {
    const { digest } = builder.image('library/other', { tags: ['v1'], pushed: LONG_AGO })
    builder.sign(REPOSITORY, digest, 'att', LONG_AGO)
    expect(await orphanTags()).toHaveLength(1)
  })
})

test('a subject that can’t be looked up is no proof: nothing can be applied', async () => {
  builder.sign(REPOSITORY, NOBODY, 'att', LONG_AGO)
  standIn.faults.inject({
    path: /artifacts\/sha256%3Aabab/,
    times: Infinity,
    fault: { kind: 'error', status: 500 },
  })
  const { plan } = await planOf(standIn.url, POLICY)
  expect([plan.complete, plan.applyable, plan.actions]).toEqual([false, false, []])
})

test('without a rule about them they are nobody’s business', async () => {
  builder.sign(REPOSITORY, NOBODY, 'att', LONG_AGO)
  builder.sign(REPOSITORY, NOBODY, 'sig', LONG_AGO)
  const all = POLICY.replace('{ orphans: true }', '{ tags: ["**"] }')
  const { plan, repositories } = await planOf(standIn.url, all)
  expect([plan.actions, repositories.flatMap(({ units }) => units)]).toEqual([[], []])
})

test('protected by the policy, by grace, or by an immutable rule, they stay', async () => {
  builder.sign(REPOSITORY, NOBODY, 'att', LONG_AGO)
  const named = (more: string): string => `${POLICY}${more}\n`
  const plans = [
    await planOf(standIn.url, named('protect: [{ name: att, tags: ["*.att"] }]')),
    await planOf(standIn.url, named('protect: [{ name: o, orphans: true }]')),
    await planOf(standIn.url, POLICY, { now: LONG_AGO + 3_600_000 }),
  ]
  standIn.registry.addImmutableRule('library', { tags: 'sha256-*' })
  plans.push(await planOf(standIn.url, POLICY))
  expect(plans.map(({ plan }) => plan.actions)).toEqual([[], [], [], []])
})

// Single artifacts are asked for without their labels.
test('protected by a label, a signature that no list has stays too', async () => {
  for (const kind of ['sig', 'att'] as const) {
    builder.label(builder.sign(REPOSITORY, NOBODY, kind, LONG_AGO), 'keep')
  }
  const { plan } = await planOf(standIn.url, `${POLICY}protect: [{ name: keep, labels: [keep] }]\n`)
  expect(plan.actions).toEqual([])
})
