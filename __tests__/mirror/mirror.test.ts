// Images go to a mirror by the plan, with all that hangs on them, and are verified there before anything is deleted.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { planId } from '../../src/plan/id.ts'
import type { Plan } from '../../src/plan/types.ts'
import { compareText } from '../../src/shared/order.ts'
import type { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import type { Commanded, Commands } from '../helpers/run.ts'
import { registryAt } from '../registry/client.ts'
import { startDockerRegistry } from '../registry/docker-registry.ts'
import { endPair, expectWell, policyText, startPair, type Pair } from './pair.ts'

const REPOSITORY = 'library/app'
const TARGET = 'backup/library/app'

let source: StandIn
let target: StandIn
let folder: Folder
let commands: Commands
let builder: Builder
let pair: Pair
beforeEach(async () => {
  pair = await startPair()
  ;({ source, target, folder, commands, builder } = pair)
})
afterEach(() => endPair(pair))

function policy(action: string, mirror = ''): void {
  folder.write('policy.yml', policyText(action, mirror))
}

const image = (name: string, ...tags: string[]): Artifact =>
  builder.image(REPOSITORY, { tags, layers: [name], pushed: LONG_AGO })

/** Everything in a repository: digests with tags, children, accessories. */
function state({ registry }: StandIn, repository: string): unknown {
  const there = [...registry.repositories()].find(({ name }) => name === repository)
  return [...(there?.artifacts.values() ?? [])]
    .map(({ digest, tags, references, accessories }) => ({
      digest,
      tags: tags.map(({ name }) => name).toSorted(),
      children: references.map(({ child }) => child.digest).toSorted(),
      accessories: accessories.map(({ type, artifact }) => `${type} ${artifact.digest}`).toSorted(),
    }))
    .toSorted((a, b) => compareText(a.digest, b.digest))
}

function pushes({ requests }: StandIn): readonly string[] {
  return requests.filter(({ method }) => !['GET', 'HEAD'].includes(method)).map(({ path }) => path)
}

/** How the last apply brought its copies. */
function hows(): ReadonlySet<string | undefined> {
  const { results } = parseJson<{ results: { how?: string }[] }>(folder.read('work/result.json'))
  return new Set(results.map(({ how }) => how))
}

describe('copies', () => {
  test('arrive whole, and a second run writes nothing and starts nothing', async () => {
    policy('copy')
    const one = image('one', 'v1', 'v1.0')
    builder.sign(REPOSITORY, one.digest, 'sig', LONG_AGO)
    const attestation = builder.sign(REPOSITORY, one.digest, 'att', LONG_AGO)
    builder.refer(attestation, 'application/vnd.example.note', 'of an attestation', LONG_AGO)
    const sbom = builder.refer(one, 'application/spdx+json', 'sbom', LONG_AGO)
    builder.refer(sbom, 'application/vnd.example.note', 'note', LONG_AGO)
    const children = [image('amd'), builder.image(REPOSITORY, { platform: 'linux/arm64', pushed: LONG_AGO })]
    const index = builder.index(REPOSITORY, {
      images: children,
      tags: ['v2'],
      attestations: true,
      pushed: LONG_AGO,
    })
    builder.sign(REPOSITORY, index.digest, 'sig', LONG_AGO)
    const before = source.registry.artifact(REPOSITORY, 'v1').pulled

    expectWell(await commands.planAndApply())
    expect(state(target, TARGET)).toEqual(state(source, REPOSITORY))
    expect(hows()).toEqual(new Set(['by-hand']))
    expect(source.registry.artifact(REPOSITORY, 'v1').pulled).toBe(before)

    target.resetRequests()
    const again = await commands.planAndApply()
    expectWell(again)
    expect(again.host.outputs['applied']).toBe('2')
    expect(pushes(target)).toEqual([])
    expect(hows()).toEqual(new Set(['nothing']))
  }, 60_000)

  test.each([
    ['never', [0, '0', '1', '0']],
    ['fail', [1, '0', '0', '1']],
    ['always', [0, '1', '0', '0']],
  ] as const)('of a tag that stands elsewhere: %s', async (overwrite, told) => {
    policy('copy', `, overwrite: ${overwrite}`)
    const other = new Builder(target.registry).image(TARGET, { tags: ['v1'], layers: ['other'] })
    const { digest } = image('one', 'v1')
    const { status, host } = await commands.planAndApply()
    const { applied, skipped, failed } = host.outputs
    expect([status, applied, skipped, failed]).toEqual(told)
    const standing = target.registry.artifact(TARGET, 'v1').digest
    expect(standing).toBe(overwrite === 'always' ? digest : other.digest)
  })
})

test('copies alone leave no garbage to collect', async () => {
  policy('copy', ' }\ngc: { run: true')
  image('one', 'v1')
  expectWell(await commands.planAndApply())
  expect(pushes(source)).toEqual([])
})

describe('what is archived', () => {
  test('goes once it is there', async () => {
    policy('archive', ', verify: deep')
    const { digest } = image('one', 'v1')
    image('two', 'stays')
    expectWell(await commands.planAndApply())
    expect(target.registry.artifact(TARGET, 'v1').digest).toBe(digest)
    expect([...source.registry.repository(REPOSITORY).tags.keys()]).toEqual(['stays'])
  })

  test('stays where the mirror does not take it', async () => {
    policy('archive')
    image('one', 'v1')
    target.faults.inject({
      method: 'PUT',
      path: /manifests/,
      times: Infinity,
      fault: { kind: 'error', status: 403, code: 'DENIED', message: 'no' },
    })
    const { status, reason, host } = await commands.planAndApply()
    expect([status, reason, host.outputs['failed'], host.outputs['skipped']]).toEqual([
      1,
      'partly-failed',
      '1',
      '1',
    ])
    expect(host.text).toMatch(/it is not known to be at the mirror/)
    expect([...source.registry.repository(REPOSITORY).tags.keys()]).toEqual(['v1'])
  }, 30_000)

  test('stays where the mirror has no room for it, and goes where it has', async () => {
    policy('archive')
    target.registry.addProject({ name: 'small', quota: 100_000 })
    image('one', 'v1')
    builder.image(REPOSITORY, {
      tags: ['v2'],
      layers: [{ name: 'big', size: 1_200_000 }],
      pushed: LONG_AGO,
    })
    const given = { 'mirror-registry': `${target.url}/small` }
    const planned = await commands.run('plan', given)
    const approved = { ...given, 'plan-id': planned.host.outputs['plan-id'] ?? '' }
    const { status, host } = await commands.run('apply', approved)
    expect([status, host.outputs['applied'], host.outputs['failed'], host.outputs['skipped']]).toEqual([
      1,
      '2',
      '1',
      '1',
    ])
    expect(host.warned.join('\n')).toMatch(/will exceed the configured upper limit of 97.7 KiB/)
    expect(host.text).toMatch(/frees less than the plan said, [^:]*: 1 delete was skipped\./)
    expect([...source.registry.repository(REPOSITORY).tags.keys()]).toEqual(['v2'])
  }, 30_000)

  test.each([
    ['stays where a rule at the mirror keeps its tag on another image', 'other', ['v1'], /immutable/],
    ['goes where a rule at the mirror keeps its tag on it', 'one', [], undefined],
  ])('%s', async (_what, there, staying, words) => {
    policy('archive', ', overwrite: always')
    image('one', 'v1')
    new Builder(target.registry).image(TARGET, { tags: ['v1'], layers: [there], pushed: LONG_AGO })
    target.registry.addImmutableRule('backup', { tags: 'v*' })
    const { host } = await commands.planAndApply()
    expect([...(source.registry.findRepository(REPOSITORY)?.tags.keys() ?? [])]).toEqual(staying)
    expect(host.warned.map((warning) => words?.test(warning))).toEqual(staying.map(() => true))
  })

  test('stays where the mirror has another digest in the end', async () => {
    policy('archive')
    image('one', 'v1')
    const other = new Builder(target.registry).image(TARGET, { tags: ['v1'], layers: ['other'] })
    const { host } = await commands.planAndApply()
    expect(host.outputs).toMatchObject({ applied: '0', skipped: '2' })
    expect(target.registry.artifact(TARGET, 'v1').digest).toBe(other.digest)
    expect([...source.registry.repository(REPOSITORY).tags.keys()]).toEqual(['v1'])
  })
})

describe('a mirror that is the Harbor itself', () => {
  const TAGS = ['v1']
  // What is asked for as `mirror-registry`, from the port that Harbor has.
  test.each([
    ['under its own name', (port: string) => `http://127.0.0.1:${port}`, 'plan-not-applyable'],
    ['under another', (port: string) => `http://localhost:${port}`, 'copy-target'],
  ])('%s: nothing is changed', async (_, named, why) => {
    policy('archive')
    image('one', ...TAGS)
    const given = { 'mirror-registry': named(new URL(source.url).port) }
    const planned = await commands.run('plan', given)
    source.resetRequests()
    const { reason, host } = await commands.run('apply', {
      ...given,
      'plan-id': planned.host.outputs['plan-id'] ?? '',
    })
    expect([reason, host.complained.join('\n')]).toEqual([
      why,
      expect.stringMatching(/library\/app would be copied onto itself/),
    ])
    expect(pushes(source)).toEqual([])
    expect([...source.registry.repository(REPOSITORY).tags.keys()]).toEqual(TAGS)
  })

  test('takes copies to another project of its own', async () => {
    policy('archive')
    const { digest } = image('one', ...TAGS)
    source.registry.addProject({ name: 'archive' })
    const given = { 'mirror-registry': `http://localhost:${new URL(source.url).port}/archive` }
    const { host } = await commands.run('plan', given)
    expectWell(await commands.run('apply', { ...given, 'plan-id': host.outputs['plan-id'] ?? '' }))
    expect(source.registry.artifact('archive/library/app', 'v1').digest).toBe(digest)
    expect(source.registry.repository(REPOSITORY).tags.size).toBe(0)
  })
})

test('a delete whose copy the plan does not have waits for it in vain', async () => {
  policy('archive')
  image('one', 'v1')
  await commands.run('plan')
  const made = parseJson<Plan>(folder.read('plan.json'))
  const actions = made.actions.filter(({ kind }) => kind !== 'copy')
  const id = planId({ ...made, actions })
  folder.write('plan.json', JSON.stringify({ ...made, actions, id }))
  const { host } = await commands.run('apply', { 'plan-id': id })
  expect(host.outputs).toMatchObject({ applied: '0', skipped: '1' })
  expect(host.text).toMatch(/it is not known to be at the mirror/)
})

test('what would be archived by now is not just deleted', async () => {
  const rules = (archive: string): string => `version: 1
rules:
  - { name: archived, select: { tags: ["v*"] }, archive: ${archive} }
  - { name: gone, select: { tags: ["v*"] }, delete: always }
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`
  folder.write('policy.yml', rules('always'))
  image('one', 'v1')
  await commands.run('plan')
  const made = parseJson<Plan>(folder.read('plan.json'))
  const actions = made.actions.flatMap((action) => {
    if (action.kind === 'copy') return []
    const { after, ...rest } = action
    expect(after).toBeDefined()
    return [rest]
  })
  const id = planId({ ...made, actions })
  folder.write('plan.json', JSON.stringify({ ...made, actions, id }))
  const { host } = await commands.run('apply', { 'plan-id': id })
  expect(host.outputs).toMatchObject({ applied: '0', skipped: '1' })
  expect(host.text).toMatch(/drifted: it would be archived before it goes/)
})

test('what would be archived is not deleted for the copy of another image', async () => {
  policy('archive')
  const one = image('one', 'v1')
  const two = image('two', 'v2')
  await commands.run('plan')
  const made = parseJson<Plan>(folder.read('plan.json'))
  const others = made.actions.filter(({ digest }) => digest !== two.digest)
  const deleting = made.actions.filter(({ digest, kind }) => digest === two.digest && kind !== 'copy')
  const after = `${REPOSITORY}@${one.digest}`
  const actions = [...others, ...deleting.map((action) => ({ ...action, after }))]
  const id = planId({ ...made, actions })
  folder.write('plan.json', JSON.stringify({ ...made, actions, id }))
  const { host } = await commands.run('apply', { 'plan-id': id })
  expect(source.registry.findArtifact(REPOSITORY, 'v2')).toBeDefined()
  expect(host.outputs).toMatchObject({ applied: '2', skipped: '1' })
  expect(host.text).toMatch(/drifted: it would be archived before it goes/)
})

test.each(['and does not say so', 'and says so'])(
  'what follows an image is not deleted without it, %s',
  async (says) => {
    policy('delete')
    const one = image('one', 'v1')
    const tag = `${one.digest.replace(':', '-')}.sbom`
    image('of one', tag)
    await commands.run('plan')
    const made = parseJson<Plan>(folder.read('plan.json'))
    const actions = made.actions.flatMap((action) => {
      if (action.kind === 'copy' || action.digest === one.digest) return []
      const { follows, ...rest } = action
      expect(follows).toEqual([one.digest])
      return says === 'and says so' ? [action] : [rest]
    })
    const id = planId({ ...made, actions })
    folder.write('plan.json', JSON.stringify({ ...made, actions, id }))
    const { host } = await commands.run('apply', { 'plan-id': id })
    expect(source.registry.findArtifact(REPOSITORY, tag)).toBeDefined()
    expect(host.outputs).toMatchObject({ applied: '0', skipped: '1' })
  },
)

// In one target there is one manifest for both, and what is known of the tags of each is its own.
test('one image of two repositories, copied to one: a tag that is taken there holds up only its own', async () => {
  policy('copy', ', replace: [{ from: "library/other", to: "library/app" }]')
  image('one', 'v1')
  builder.image('library/other', { tags: ['v2'], layers: ['one'], pushed: LONG_AGO })
  const there = new Builder(target.registry)
  there.image(TARGET, { tags: ['v1'], layers: ['another'], pushed: LONG_AGO })
  await commands.planAndApply()
  const { results } = parseJson<{ results: unknown[] }>(folder.read('work/result.json'))
  expect(results).toMatchObject([
    { repository: REPOSITORY, outcome: 'skipped', how: 'nothing', bytes: 0 },
    { repository: 'library/other', outcome: 'done', how: 'by-hand' },
  ])
})

// Debian's docker-registry keeps no referrers; its manifests are taken only with all that they name.
test('to a plain registry: whole, with signatures and referrers, and nothing new the second time', async () => {
  const plain = await startDockerRegistry()
  const given = {
    'mirror-registry': `${plain.url}/some/where`,
    'mirror-username': '',
    'mirror-password': '',
  }
  const client = registryAt(`${plain.url}/some/where`)
  try {
    policy('copy', ', verify: deep')
    const one = image('one', 'v1', 'v1.0')
    builder.sign(REPOSITORY, one.digest, 'sig', LONG_AGO)
    const sbom = builder.refer(one, 'application/spdx+json', 'sbom', LONG_AGO)
    const note = builder.refer(sbom, 'application/vnd.example.note', 'note', LONG_AGO)
    const big = { name: 'big', size: 3_000_000 }
    const children = [builder.image(REPOSITORY, { layers: [big], pushed: LONG_AGO })]
    const index = builder.index(REPOSITORY, {
      images: children,
      tags: ['v2'],
      attestations: true,
      pushed: LONG_AGO,
    })
    const run = async (): Promise<Commanded> => {
      const { host } = await commands.run('plan', given)
      return commands.run('apply', { ...given, 'plan-id': host.outputs['plan-id'] ?? '' })
    }

    expectWell(await run())
    const { registry } = client
    expect(await registry.digestOf('library/app', 'v1.0')).toBe(one.digest)
    expect(await registry.digestOf('library/app', 'v2')).toBe(index.digest)
    const referrers = async (digest: string): Promise<readonly string[]> =>
      (await registry.referrers('library/app', digest)).map((each) => each.digest)
    expect(await referrers(one.digest)).toEqual([sbom.digest])
    expect(await referrers(sbom.digest)).toEqual([note.digest])
    const tags = await registry.tags('library/app')
    expect(tags.filter((tag) => !/^sha256-[0-9a-f]+$/.test(tag))).toEqual(
      [`${one.digest.replace(':', '-')}.sig`, 'v1', 'v1.0', 'v2'].toSorted(compareText),
    )

    const again = await run()
    expectWell(again)
    expect(hows()).toEqual(new Set(['nothing']))
  } finally {
    await client.close()
    await plain.close()
  }
}, 60_000)

test.each([
  [{ 'mirror-registry': 'http://127.0.0.1:1/x' }, 'mirror-unreachable', /mirror-registry/],
  [{ 'mirror-password': 'wrong' }, 'mirror-unreachable', /mirror-password/],
])(
  '%j: nothing is changed',
  async (given, why, words) => {
    policy('archive')
    image('one', 'v1')
    const planned = await commands.run('plan', given)
    source.resetRequests()
    const { status, reason, host } = await commands.run('apply', {
      ...given,
      'plan-id': planned.host.outputs['plan-id'] ?? '',
    })
    expect([status, reason]).toEqual([1, why])
    expect(host.complained.join('\n')).toMatch(words)
    expect(pushes(source)).toEqual([])
  },
  60_000,
)
