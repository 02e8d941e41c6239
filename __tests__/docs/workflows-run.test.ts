// The example workflows do what they say, from the first job to the last, with harbor-dredge as it is built and a
// stand-in Harbor that has a robot for each environment.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { planId } from '../../src/plan/id.ts'
import { readPlan, type ReadPlan } from '../../src/plan/read.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { isRecord } from '../../stand-in/state/json.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { ACCOUNT, startDockerRegistry } from '../registry/docker-registry.ts'
import type { Artifact } from './kept.ts'
import { Runner, type Event, type Repository } from './runner.ts'
import { EXAMPLES } from './workflow.ts'

const APP = 'shop/app'
const POLICY = '.github/harbor-dredge.yml'
const OLD = `version: 1
rules:
  - { name: old, select: { tags: ["old-*"] }, delete: always }
limits: { max-delete-percent: 100, keep-per-repository: 0 }
trash: { keep: 7d }
`
const MERGED = 'a'.repeat(40)
const HEAD = 'b'.repeat(40)
const SCHEDULE: Event = { name: 'schedule' }

// Several programs are started, one after the other.
jest.setTimeout(120_000)

let standIn: StandIn
let repository: Repository
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
  repository = {
    files: { [POLICY]: OLD },
    vars: { HARBOR_URL: standIn.url },
    environments: {
      'registry-read': await robot('registry-read'),
      'registry-change': change,
      'registry-unattended': change,
    },
    api: {},
  }
  runner = new Runner(repository)
})
afterEach(async () => {
  await standIn.close()
})

/** Makes a robot as its example says. */
async function robot(example: string): Promise<Repository['environments'][string]> {
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

function dispatch(inputs: Event['inputs'] & object): Event {
  return { name: 'workflow_dispatch', inputs }
}

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
    repository.files[POLICY] = OLD.replace('limits: {', 'limits: { max-deletes: 1,')
    const { jobs } = await runner.run('registry-clean-up.yml', SCHEDULE)
    expect(results(jobs)).toEqual({ plan: 'failure', apply: 'skipped' })
    expect(jobs['plan']?.log).toContain(
      '::error::The plan cannot be applied (limit-exceeded); the job summary',
    )
    expect(tags()).toHaveLength(4)
  })
})

test('an unattended clean-up stays inside the limits', async () => {
  repository.files[POLICY] = OLD.replace('limits: {', 'limits: { max-deletes: 2,')
  expect(results((await runner.run('registry-unattended.yml', SCHEDULE)).jobs)).toEqual({
    plan: 'success',
    apply: 'success',
  })
  expect(tags()).toEqual(['kept-1', 'kept-2'])
  repository.files[POLICY] = OLD.replace('old-*', 'kept-*').replace('limits: {', 'limits: { max-deletes: 1,')
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
  repository.files[POLICY] = policy
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
  const pull = (from: string): Event => ({
    name: 'pull_request',
    ref: 'refs/pull/7/merge',
    sha: HEAD,
    payload: { pull_request: { number: 7, head: { repo: { full_name: from } } } },
  })
  const merge: Event = { name: 'push', sha: MERGED }

  /** What GitHub's API says of the commit and of the dry run, as recorded in its documentation. */
  function merged(run: number, by = MERGED): void {
    repository.api[`repos/example/registry/commits/${MERGED}/pulls`] = [
      { number: 7, merged_at: '2026-11-21T08:00:00Z', merge_commit_sha: by, head: { sha: HEAD } },
    ]
    const runs = `repos/example/registry/actions/workflows/registry-dry-run.yml/runs?event=pull_request&status=success&head_sha=${HEAD}`
    repository.api[runs] = {
      workflow_runs: [
        { id: run, run_number: 12, head_repository: { full_name: 'example/registry' } },
        { id: 1, run_number: 11, head_repository: { full_name: 'example/registry' } },
        { id: 2, run_number: 13, head_repository: { full_name: 'somebody/registry' } },
      ],
    }
  }

  async function dryRun(): Promise<number> {
    const { jobs, run } = await runner.run('registry-dry-run.yml', pull('example/registry'))
    expect(results(jobs)).toEqual({ plan: 'success' })
    return run
  }

  test('shows its plan, and a fork’s none', async () => {
    await dryRun()
    expect([runner.kept.artifacts.map(({ name }) => name), tags()]).toEqual([
      ['registry-plan'],
      expect.arrayContaining(['old-1']),
    ])
    const fork = await runner.run('registry-dry-run.yml', pull('somebody/registry'))
    expect(results(fork.jobs)).toEqual({ plan: 'skipped' })
  })

  test('once merged has done what it showed, and nothing that came up since', async () => {
    const run = await dryRun()
    merged(run)
    new Builder(standIn.registry).image(APP, { tags: ['old-3'], layers: ['old-3'], pushed: LONG_AGO })
    const { jobs } = await runner.run('registry-after-merge.yml', merge)
    expect([results(jobs), tags()]).toEqual([
      { plan: 'success', apply: 'success' },
      ['kept-1', 'kept-2', 'old-3'],
    ])
  })

  test('that another commit merged, or none, does nothing', async () => {
    merged(await dryRun(), HEAD)
    const { jobs } = await runner.run('registry-after-merge.yml', merge)
    expect([results(jobs), tags()]).toEqual([
      { plan: 'success', apply: 'skipped' },
      expect.arrayContaining(['old-1']),
    ])
    expect(jobs['plan']?.log).toContain(`::warning::No pull request with a dry run was merged by ${MERGED}`)
  })

  test('whose plan is forged does no more than the merged policy', async () => {
    repository.files[POLICY] = OLD.replace('old-*', '**')
    await dryRun()
    repository.files[POLICY] = OLD
    merged(await dryRun())
    const [all, right] = runner.kept.artifacts
    const { policy } = planIn(right)
    const forged = { ...planIn(all), policy }
    right?.files.set(PLAN, Buffer.from(JSON.stringify({ ...forged, id: planId(forged) })))
    const { jobs } = await runner.run('registry-after-merge.yml', merge)
    expect([results(jobs), tags()]).toEqual([{ plan: 'success', apply: 'success' }, ['kept-1', 'kept-2']])
    expect(jobs['apply']?.log).toContain('2 actions done, 2 skipped, 0 failed.')
    expect(jobs['apply']?.log).toContain('no longer due: kept-1 stays')
  })

  test('whose artifact brings a policy along is held to the merged one', async () => {
    const all = OLD.replace('old-*', '**')
    repository.files[POLICY] = all
    merged(await dryRun())
    repository.files[POLICY] = OLD
    const [artifact] = runner.kept.artifacts
    artifact?.files.set(POLICY, Buffer.from(all))
    const { jobs } = await runner.run('registry-after-merge.yml', merge)
    expect([results(jobs), tags()]).toEqual([
      { plan: 'success', apply: 'failure' },
      expect.arrayContaining(['kept-1', 'old-1']),
    ])
    expect(jobs['apply']?.log).toContain('is not the policy that the plan was made by')
  })
})

test('a mirror gets what its policy copies, and Harbor keeps everything', async () => {
  const registry = await startDockerRegistry({ kind: 'htpasswd' })
  const { username, password } = ACCOUNT
  const reading = repository.environments['registry-read']
  const mirroring = new Runner({
    ...repository,
    files: {
      '.github/harbor-mirror.yml': `version: 1
rules: [{ name: everything, select: { tags: ["kept-*"] }, copy: always }]
limits: { max-deletes: 0 }
`,
    },
    vars: { ...repository.vars, MIRROR_REGISTRY: `${registry.url}/backup` },
    environments: {
      'registry-mirror': {
        vars: { ...reading?.vars, MIRROR_USERNAME: username },
        secrets: { ...reading?.secrets, MIRROR_PASSWORD: password },
      },
    },
    more: { 'mirror-insecure-skip-tls-verify': 'true' },
  })
  const { jobs } = await mirroring.run('registry-mirror.yml', SCHEDULE)
  expect(results(jobs)).toEqual({ mirror: 'success' })
  expect(jobs['mirror']?.log).toContain('2 actions done, 0 skipped, 0 failed.')
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const there = await fetch(`${registry.url}/v2/backup/${APP}/tags/list`, { headers: { authorization } })
  expect(await there.json()).toMatchObject({ tags: expect.arrayContaining(['kept-1', 'kept-2']) as unknown })
  expect(tags()).toHaveLength(4)
})
