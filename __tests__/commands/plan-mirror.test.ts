// A plan shows what the mirror has of what would be copied; neither its actions nor its id depend on that.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { parseJson } from '../../stand-in/state/json.ts'
import { Builder } from '../../stand-in/load/build.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import type { Plan } from '../../src/plan/types.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { Commands, type Commanded, mirrorAt } from '../helpers/run.ts'

let source: StandIn
let target: StandIn
let folder: Folder
let commands: Commands
let there: Builder
beforeEach(async () => {
  source = await startStandIn()
  target = await startStandIn()
  target.registry.addProject({ name: 'backup' })
  there = new Builder(target.registry)
  folder = new Folder()
  commands = new Commands(folder, source.url, mirrorAt(target.url))
})
afterEach(async () => {
  await source.close()
  await target.close()
  folder.remove()
})

function policy(overwrite: string, action = 'copy'): void {
  folder.write(
    'policy.yml',
    `version: 1
rules: [{ name: all, select: { tags: ["v*"] }, ${action}: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
mirror: { overwrite: ${overwrite} }
`,
  )
}

const image = (tag: string): Artifact =>
  new Builder(source.registry).image('library/app', { tags: [tag], layers: [tag], pushed: LONG_AGO })

async function planned(given = {}): Promise<Commanded & { readonly plan: Plan }> {
  const commanded = await commands.run('plan', given)
  return { ...commanded, plan: parseJson<Plan>(folder.read('plan.json')) }
}

test('both sides of each copy are in the plan file and in the report', async () => {
  policy('always')
  const same = image('v-same')
  image('v-new')
  image('v-moved')
  image('v-kept')
  there.image('backup/library/app', { tags: ['v-same'], layers: ['v-same'], pushed: LONG_AGO })
  const others = ['v-moved', 'v-kept'].map((tag) =>
    there.image('backup/library/app', { tags: [tag], layers: ['other', tag] }),
  )
  target.registry.addImmutableRule('backup', { tags: 'v-kept' })
  const { pulled } = target.registry.artifact('backup/library/app', same.digest)
  target.resetRequests()
  const { plan, host, status } = await planned()
  expect(new Set(target.requests.map(({ method }) => method))).toEqual(new Set(['GET', 'HEAD']))
  expect([status, host.warned, host.complained]).toEqual([0, [], []])
  const states = Object.fromEntries(plan.targets.map(({ tags, state }) => [Object.keys(tags).join(), state]))
  expect(states).toEqual({ 'v-same': 'same', 'v-new': 'new', 'v-moved': 'update', 'v-kept': 'blocked' })
  expect(plan.targets.map(({ digest }) => digest)).toEqual(plan.actions.map(({ digest }) => digest))
  const sent = plan.targets.filter(({ state }) => state === 'new' || state === 'update')
  expect(plan.totals.copyBytes).toBe(sent.reduce((sum, { bytes }) => sum + bytes, 0))
  expect(plan.totals.copyBytes).toBeGreaterThan(2000)
  const [moved, kept] = others.map(({ digest }) => digest.slice(7, 19))
  expect(host.text).toMatch(/v-same +\S+ +the same/)
  expect(host.text).toMatch(/v-new +\S+ +new/)
  expect(host.text).toMatch(new RegExp(`v-moved +\\S+ +its tag is on ${moved ?? ''}: moved`))
  expect(host.text).toMatch(new RegExp(`v-kept +\\S+ +its tag stays on ${kept ?? ''}`))
  expect(host.text).toContain('Would copy 3 images to the mirror.')
  expect(host.text).toContain('At the mirror: 1 new, 1 there already, 1 under a tag')
  expect(target.registry.artifact('backup/library/app', same.digest).pulled).toBe(pulled)
})

test('a plan of what is there already says so, is the same plan, and can be applied', async () => {
  policy('never')
  image('v1')
  const before = await planned()
  expect(before.host.outputs['changes']).toBe('true')
  there.image('backup/library/app', { tags: ['v1'], layers: ['v1'], pushed: LONG_AGO })
  const after = await planned({ 'fail-on-changes': 'true' })
  expect([after.status, after.host.outputs['changes'], after.host.outputs['copies']]).toEqual([
    0,
    'false',
    '1',
  ])
  expect([after.plan.id, after.plan.actions, after.plan.applyable]).toEqual([
    before.plan.id,
    before.plan.actions,
    true,
  ])
  expect(after.host.text).toContain('Nothing to do: of 1 image to copy none has to be sent to the mirror.')
  const applied = await commands.run('apply', { 'plan-id': after.plan.id })
  expect([applied.status, applied.host.outputs['applied']]).toEqual([0, '1'])
})

test('what cannot be archived is not said to go', async () => {
  policy('never', 'archive')
  image('v1')
  there.image('backup/library/app', { tags: ['v1'], layers: ['other'] })
  const { host } = await planned()
  expect(host.text).toMatch(/it stays, since the mirror has another image under its tag/)
})

test.each<[what: string, given: Record<string, string>, words: RegExp]>([
  ['is not there', { 'mirror-registry': 'http://127.0.0.1:1/backup' }, /nothing listens there/],
  ['takes no such password', { 'mirror-password': 'wrong' }, /401|mirror-password/],
])(
  'a mirror that %s makes no plan fail, and is told',
  async (_what, given, words) => {
    policy('never')
    image('v1')
    const { plan, status, reason, host } = await planned(given)
    expect([status, reason, plan.applyable, host.outputs['changes']]).toEqual([0, '', true, 'true'])
    expect(plan.mirror?.unknown).toBe(1)
    expect(plan.targets[0]?.why).toMatch(words)
    expect(host.text).toMatch(/The mirror could not be read/)
    expect(host.text).toMatch(words)
  },
  60_000,
)

test('an authority of the mirror that is no file is told before anything is read', async () => {
  policy('never')
  image('v1')
  source.resetRequests()
  const { status, reason, host } = await commands.run('plan', { 'mirror-ca-file': commands.at('none.pem') })
  expect([status, reason]).toEqual([2, 'bad-input'])
  expect(host.complained.join()).toMatch(/mirror-ca-file/)
  expect(source.requests).toEqual([])
})
