// The example workflows do what they say, from the first job to the last, with harbor-dredge as it is built and a
// stand-in Harbor that has a robot for each environment.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { planId } from '../../src/plan/id.ts'
import { readPlan, type ReadPlan } from '../../src/plan/read.ts'
import type { Pull } from '../../stand-in/github/model.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { isRecord } from '../../stand-in/state/json.ts'
import { startGitHub, type StandInGitHub } from '../../stand-in/github/stand-in.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { ACCOUNT, startDockerRegistry } from '../registry/docker-registry.ts'
import type { Artifact } from './kept.ts'
import { dispatch, pullRequest, push, REPOSITORY, SCHEDULE } from './event.ts'
import { Runner, type JobRun, type Setup } from './runner.ts'
import { EXAMPLES } from './workflow.ts'

const APP = 'shop/app'
const POLICY = '.github/harbor-dredge.yml'
const OLD = `version: 1
rules:
  - { name: old, select: { tags: ["old-*"] }, delete: always }
limits: { max-delete-percent: 100, keep-per-repository: 0 }
trash: { keep: 7d }
`

// Several programs are started, one after the other.
jest.setTimeout(120_000)

let standIn: StandIn
let gitHub: StandInGitHub
let setup: Setup
let runner: Runner

beforeEach(async () => {
  standIn = await startStandIn()
  const { registry } = standIn
  registry.addProject({ name: 'shop' })
  const builder = new Builder(registry)
  for (const tag of ['old-1', 'old-2', 'kept-1', 'kept-2']) {
    const image = builder.image(APP, { tags: [tag], layers: [tag], pushed: LONG_AGO })
    builder.sign(APP, image.digest, 'sig', LONG_AGO)
  }
  const change = await robot('registry-change')
  setup = {
    vars: { HARBOR_URL: standIn.url },
    environments: {
      'registry-read': await robot('registry-read'),
      'registry-change': change,
      'registry-unattended': change,
    },
  }
  gitHub = await startGitHub()
  runner = new Runner(gitHub, setup)
  commit(OLD)
})
afterEach(async () => {
  await gitHub.close()
  await standIn.close()
})

/** Gives main another policy. */
function commit(policy: string): void {
  runner.repository.commit('main', { [POLICY]: policy })
}

/** Makes a robot as its example says. */
async function robot(example: string): Promise<Setup['environments'][string]> {
  const body = readFileSync(path.join(EXAMPLES, 'robots', `${example}.json`), 'utf8')
  const headers = { 'content-type': 'application/json', authorization: `Basic ${btoa('admin:Harbor12345')}` }
  const answer = await fetch(`${standIn.url}/api/v2.0/robots`, { method: 'POST', headers, body })
  const made: unknown = await answer.json()
  if (!isRecord(made)) throw new Error(`${example}: ${answer.status}`)
  return {
    vars: { HARBOR_USERNAME: String(made['name']) },
    secrets: { HARBOR_PASSWORD: String(made['secret']) },
  }
}

const tags = (): string[] =>
  [...standIn.registry.repository(APP).tags.keys()].filter((tag) => !tag.endsWith('.sig')).toSorted()

const results = (jobs: Awaited<ReturnType<Runner['run']>>['jobs']): unknown =>
  Object.fromEntries(Object.entries(jobs).map(([name, { result }]) => [name, result]))

describe('a clean-up with approval', () => {
  test('plans with one robot, applies that plan with the other, and keeps what it takes to put it back', async () => {
    const { jobs, run } = await runner.run('registry-clean-up.yml', SCHEDULE)
    expect(results(jobs)).toEqual({ plan: 'success', apply: 'success' })
    expect(jobs['apply']?.name).toBe(`Apply ${jobs['plan']?.outputs['plan-id'] ?? ''}`)
    expect(tags()).toEqual(['kept-1', 'kept-2'])
    expect(runner.kept.artifacts.map(({ name, files }) => [name, [...files.keys()].toSorted()])).toEqual([
      ['registry-plan-1', ['decisions.csv', 'harbor-dredge-plan.json']],
      ['registry-bin-1', [expect.stringMatching(/^bin\/.*\.ndjson$/), 'result.json']],
    ])
    expect([...runner.kept.caches.keys()]).toEqual([`registry-bin-${run}-1`])
  })

  test('names who approved', async () => {
    const by = gitHub.state.account('ada')
    const approval = {
      environments: ['registry-change'],
      state: 'approved',
      by,
      comment: 'as we said',
    } as const
    runner.repository.approvals.set(runner.nextRun, [approval])
    const { jobs } = await runner.run('registry-clean-up.yml', SCHEDULE)
    expect(jobs['apply']?.log).toContain('Approved by ada for registry-change: “as we said”')
  })

  test('by hand from another branch does nothing', async () => {
    const event = { name: 'workflow_dispatch', ref: 'refs/heads/other' }
    const { jobs } = await runner.run('registry-clean-up.yml', event)
    expect(results(jobs)).toEqual({ plan: 'skipped', apply: 'skipped' })
  })

  test('with nothing to do asks nobody', async () => {
    await runner.run('registry-clean-up.yml', SCHEDULE)
    const { jobs } = await runner.run('registry-clean-up.yml', SCHEDULE)
    expect(results(jobs)).toEqual({ plan: 'success', apply: 'skipped' })
  })

  test('over the limits asks nobody, and fails', async () => {
    commit(OLD.replace('limits: {', 'limits: { max-deletes: 1,'))
    const { jobs } = await runner.run('registry-clean-up.yml', SCHEDULE)
    expect(results(jobs)).toEqual({ plan: 'failure', apply: 'skipped' })
    expect(jobs['plan']?.log).toContain(
      '::error::The plan cannot be applied (limit-exceeded); the job summary',
    )
    expect(tags()).toHaveLength(4)
  })
})

test('an unattended clean-up stays inside the limits', async () => {
  commit(OLD.replace('limits: {', 'limits: { max-deletes: 2,'))
  expect(results((await runner.run('registry-unattended.yml', SCHEDULE)).jobs)).toEqual({
    plan: 'success',
    apply: 'success',
  })
  expect(tags()).toEqual(['kept-1', 'kept-2'])
  commit(OLD.replace('old-*', 'kept-*').replace('limits: {', 'limits: { max-deletes: 1,'))
  expect(results((await runner.run('registry-unattended.yml', SCHEDULE)).jobs)).toEqual({
    plan: 'failure',
    apply: 'skipped',
  })
  expect(tags()).toEqual(['kept-1', 'kept-2'])
})

describe('a restore', () => {
  const ONE = { images: `${APP}:old-1`, 'run-id': '' }
  let deleted: number
  beforeEach(async () => {
    const { run } = await runner.run('registry-clean-up.yml', SCHEDULE)
    deleted = run
  })

  test('shows first, and puts back what is asked for', async () => {
    const shown = await runner.run('registry-restore.yml', dispatch({ ...ONE, 'dry-run': true }))
    expect([results(shown.jobs), tags()]).toEqual([{ restore: 'success' }, ['kept-1', 'kept-2']])
    expect(shown.jobs['restore']?.log).toContain('1 image would be put back')
    const done = await runner.run('registry-restore.yml', dispatch({ ...ONE, 'dry-run': false }))
    expect([results(done.jobs), tags()]).toEqual([{ restore: 'success' }, ['kept-1', 'kept-2', 'old-1']])
    expect(runner.kept.caches.size).toBe(2)
  })

  test('finds what GitHub has dropped from its cache in the artifact of the run that deleted it', async () => {
    runner.kept.caches.clear()
    const lost = await runner.run('registry-restore.yml', dispatch({ ...ONE, 'dry-run': false }))
    expect([results(lost.jobs), tags()]).toEqual([{ restore: 'failure' }, ['kept-1', 'kept-2']])
    const inputs = { ...ONE, 'run-id': String(deleted), 'dry-run': false }
    const found = await runner.run('registry-restore.yml', dispatch(inputs))
    expect([results(found.jobs), tags()]).toEqual([{ restore: 'success' }, ['kept-1', 'kept-2', 'old-1']])
  })
})

test.each([
  ['spares what the policy keeps', OLD, ['kept-1', 'kept-2', 'old-1']],
  ['takes what it does not', OLD.replace(/^trash.*$/m, ''), ['kept-1', 'kept-2']],
])('a garbage collection %s', async (_, policy, left) => {
  commit(policy)
  await runner.run('registry-clean-up.yml', SCHEDULE)
  const { jobs } = await runner.run('registry-garbage.yml', SCHEDULE)
  expect(results(jobs)).toEqual({ collect: 'success' })
  const inputs = { images: `${APP}:old-1`, 'run-id': '', 'dry-run': false }
  await runner.run('registry-restore.yml', dispatch(inputs))
  expect(tags()).toEqual(left)
})

describe('a clean-up by dispatch', () => {
  test('takes the run and the id of the plan that is approved', async () => {
    const { jobs, run } = await runner.run('registry-by-dispatch.yml', SCHEDULE)
    expect([results(jobs), tags()]).toEqual([
      { plan: 'success', apply: 'skipped' },
      expect.arrayContaining(['old-1']),
    ])
    const id = jobs['plan']?.log.match(/-f plan-id=(sha256:\w+)/)?.[1] ?? ''
    expect(jobs['plan']?.log).toContain(
      `gh workflow run registry-by-dispatch.yml -f run-id=${run} -f plan-id=${id}`,
    )
    const inputs = { 'run-id': String(run), 'plan-id': `sha256:${'0'.repeat(64)}` }
    const other = await runner.run('registry-by-dispatch.yml', dispatch(inputs))
    expect([results(other.jobs), tags()]).toEqual([
      { plan: 'skipped', apply: 'failure' },
      expect.arrayContaining(['old-1']),
    ])
    const right = await runner.run('registry-by-dispatch.yml', dispatch({ ...inputs, 'plan-id': id }))
    expect([results(right.jobs), tags()]).toEqual([
      { plan: 'skipped', apply: 'success' },
      ['kept-1', 'kept-2'],
    ])
  })
})

const PLAN = 'harbor-dredge-plan.json'

function planIn(artifact: Artifact | undefined): ReadPlan {
  const read = readPlan(artifact?.files.get(PLAN)?.toString('utf8') ?? '')
  if ('plan' in read) return read.plan
  throw new Error(read.message)
}

describe('a pull request', () => {
  const MORE = OLD.replace('"old-*"', '"old-*", "older-*"')
  let pull: Pull
  beforeEach(() => {
    new Builder(standIn.registry).image(APP, { tags: ['older-1'], layers: ['older-1'], pushed: LONG_AGO })
    pull = open('edit', MORE)
  })

  function open(branch: string, policy: string, from = REPOSITORY): Pull {
    runner.repository.commit(branch, { [POLICY]: policy })
    return runner.repository.openPull(branch, { author: gitHub.state.account('mika-h'), from })
  }

  async function dryRun(of = pull): Promise<JobRun | undefined> {
    const { jobs } = await runner.run('registry-dry-run.yml', pullRequest(of))
    expect(results(jobs)).toEqual({ plan: 'success' })
    return jobs['plan']
  }

  async function merge(how?: 'squash'): ReturnType<Runner['run']> {
    const before = runner.repository.tip('main')
    runner.repository.merge(pull.number, how)
    return runner.run('registry-after-merge.yml', push(runner.repository.tip('main'), before))
  }

  const comments = (): readonly string[] => runner.repository.comments.map(({ body }) => body)

  test('is told what its edit changes, once, and shows its plan', async () => {
    await dryRun()
    await dryRun()
    expect(comments()).toEqual([expect.stringContaining('+1 newly deleted')])
    expect([runner.kept.artifacts.length, tags()]).toEqual([2, expect.arrayContaining(['old-1', 'older-1'])])
  })

  test('of a fork has its policy checked, without secrets', async () => {
    const { environments } = setup
    const nothing = { vars: {}, secrets: {} }
    runner = new Runner(gitHub, { vars: {}, environments: { ...environments, 'registry-read': nothing } })
    const said = await dryRun(open('theirs', MORE, 'somebody/registry'))
    expect([said?.log, runner.kept.artifacts]).toEqual([expect.stringContaining('no secrets'), []])
    const wrong = open('wrong', MORE.replace('select', 'selects'), 'somebody/registry')
    const { jobs } = await runner.run('registry-dry-run.yml', pullRequest(wrong))
    expect([results(jobs), jobs['plan']?.log]).toEqual([
      { plan: 'failure' },
      expect.stringContaining('`selects`'),
    ])
  })

  test.each([undefined, 'squash'] as const)(
    'once merged (%s) has done what it showed, and nothing else',
    async (how) => {
      await dryRun()
      new Builder(standIn.registry).image(APP, { tags: ['old-3'], layers: ['old-3'], pushed: LONG_AGO })
      const { jobs } = await merge(how)
      expect([results(jobs), tags()]).toEqual([
        { plan: 'success', apply: 'success' },
        ['kept-1', 'kept-2', 'old-3'],
      ])
      expect(comments()).toEqual([expect.stringContaining('✅ **Applied**: 3 of 3 done')])
    },
  )

  test('that was merged without a dry run does nothing, nor does a push', async () => {
    const { jobs } = await merge()
    expect([results(jobs), tags().length]).toEqual([{ plan: 'success', apply: 'skipped' }, 5])
    expect(jobs['plan']?.log).toContain('::warning::No pull request with a dry run was merged by ')
    const before = runner.repository.tip('main')
    commit(OLD)
    const pushed = await runner.run('registry-after-merge.yml', push(runner.repository.tip('main'), before))
    expect([results(pushed.jobs), tags().length]).toEqual([{ plan: 'success', apply: 'skipped' }, 5])
  })

  test('whose plan has nothing to do leaves nothing to apply', async () => {
    pull = open('none', OLD.replace('old-*', 'nothing-*'))
    await dryRun()
    const { jobs } = await merge()
    expect([results(jobs), tags().length]).toEqual([{ plan: 'success', apply: 'skipped' }, 5])
    expect(jobs['plan']?.log).toContain(
      '::notice::The pull request’s plan had nothing to do.'.replace('’', "'"),
    )
  })

  test('whose plan is forged does no more than the merged policy', async () => {
    await dryRun(open('all', OLD.replace('old-*', '**')))
    await dryRun()
    const [all, right] = runner.kept.artifacts
    const { policy } = planIn(right)
    const forged = { ...planIn(all), policy }
    right?.files.set(PLAN, Buffer.from(JSON.stringify({ ...forged, id: planId(forged) })))
    const { jobs } = await merge()
    expect([results(jobs), tags()]).toEqual([{ plan: 'success', apply: 'success' }, ['kept-1', 'kept-2']])
    expect(jobs['apply']?.log).toContain('3 actions done, 2 skipped, 0 failed.')
    expect(jobs['apply']?.log).toContain('no longer due: kept-1 stays')
  })

  test('whose artifact brings a policy along is held to the merged one', async () => {
    const all = OLD.replace('old-*', '**')
    await dryRun(open('all', all))
    await dryRun()
    const [evil, right] = runner.kept.artifacts
    right?.files.set(PLAN, evil?.files.get(PLAN) ?? Buffer.of())
    right?.files.set(POLICY, Buffer.from(all))
    const { jobs } = await merge()
    expect([results(jobs), tags().length]).toEqual([{ plan: 'success', apply: 'failure' }, 5])
    expect(jobs['apply']?.log).toContain('is not the policy that the plan was made by')
  })
})

test('a mirror gets what its policy copies, and Harbor keeps everything', async () => {
  const registry = await startDockerRegistry({ kind: 'htpasswd' })
  const { username, password } = ACCOUNT
  const reading = setup.environments['registry-read']
  const mirroring = new Runner(gitHub, {
    vars: { ...setup.vars, MIRROR_REGISTRY: `${registry.url}/backup` },
    environments: {
      'registry-mirror': {
        vars: { ...reading?.vars, MIRROR_USERNAME: username },
        secrets: { ...reading?.secrets, MIRROR_PASSWORD: password },
      },
    },
    more: { 'mirror-insecure-skip-tls-verify': 'true' },
  })
  mirroring.repository.commit('main', {
    '.github/harbor-mirror.yml': `version: 1
rules: [{ name: everything, select: { tags: ["kept-*"] }, copy: always }]
limits: { max-deletes: 0 }
`,
  })
  const { jobs } = await mirroring.run('registry-mirror.yml', SCHEDULE)
  expect(results(jobs)).toEqual({ mirror: 'success' })
  expect(jobs['mirror']?.log).toContain('2 actions done, 0 skipped, 0 failed.')
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const there = await fetch(`${registry.url}/v2/backup/${APP}/tags/list`, { headers: { authorization } })
  expect(await there.json()).toMatchObject({ tags: expect.arrayContaining(['kept-1', 'kept-2']) as unknown })
  expect(tags()).toHaveLength(4)
  const again = await mirroring.run('registry-mirror.yml', SCHEDULE)
  expect(again.jobs['mirror']?.log).toContain('there already')
  expect(again.jobs['mirror']?.log).not.toContain('== Copy')
})
