// What a pull request is told through its life, by the built action as GitHub starts it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { readMarker } from '../../src/report/marker.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { BOT, OnGitHub, POLICY, REPOSITORY, TOKEN } from './on-github.ts'

const APP = 'library/app'

function policy(tags: string): string {
  return `version: 1
rules: [{ name: old, select: { tags: [${tags}] }, delete: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0, grace: 0h }
`
}

const BEFORE = policy('"old-1"')
const AFTER = policy('"old-*"')

let on: OnGitHub
beforeEach(async () => {
  on = await OnGitHub.start()
  fill(on)
})
afterEach(() => on.close())

function fill({ harbor, repository }: OnGitHub): void {
  const builder = new Builder(harbor.registry)
  for (const tag of ['old-1', 'old-2', 'new']) {
    builder.image(APP, { tags: [tag], layers: [tag], pushed: LONG_AGO })
  }
  repository.commit('main', { [POLICY]: BEFORE, 'README.md': 'registry' })
}

const tags = (): readonly string[] => [...on.harbor.registry.repository(APP).tags.keys()].toSorted()

/** The status line of a comment. */
function status(comment = ''): string {
  return /<!-- status -->\n(.*)\n<!-- \/status -->/.exec(comment)?.[1] ?? ''
}

test('an edit is told, edited, merged, planned, approved, applied, restored', async () => {
  on.repository.commit('edit', { [POLICY]: AFTER })
  const pull = on.open('edit')

  // The pull request is opened.
  const opened = await on.onPull(pull)
  expect([opened.status, opened.stderr, opened.stdout.includes('::warning')]).toEqual([0, '', false])
  const [comment = '', ...others] = on.comments(pull.number)
  expect(others).toEqual([])
  expect(readMarker(comment)).toMatchObject({
    state: 'planned',
    plan: opened.outputs['plan-id'],
    head: pull.headSha,
    base: on.repository.tip('main'),
  })
  expect(comment).toContain('+1 newly deleted')
  expect(comment).toContain('`library/app:old-2`')
  expect(opened.summary).toContain('+1 newly deleted')
  const repo = `/repos/${REPOSITORY}`
  const file = `${repo}/contents/${POLICY}?ref=`
  expect(on.asked()).toEqual([
    `GET ${repo}/git/commits/${pull.mergeCommit ?? ''} 200`,
    `GET ${file}${pull.mergeCommit ?? ''} 200`,
    `GET ${file}${on.repository.tip('main')} 200`,
    `POST /graphql ${JSON.stringify({ query: 'query { viewer { login } }' })} 200`,
    `GET ${repo}/issues/1/comments?per_page=100 200`,
    `POST ${repo}/issues/1/comments ${JSON.stringify({ body: comment })} 201`,
    `GET ${repo}/issues/1/comments?per_page=100 200`,
  ])

  // It is pushed to: now it changes nothing.
  on.repository.commit('edit', { [POLICY]: `${BEFORE}# no change\n` })
  pull.headSha = on.repository.tip('edit')
  on.repository.testMerge(pull.number)
  await on.onPull(pull)
  const [second = ''] = on.comments(pull.number)
  expect(on.comments(pull.number)).toHaveLength(1)
  expect(second).toContain('This edit changes nothing today')
  expect(on.asked().filter((line) => !line.startsWith('GET') && !line.includes('graphql'))).toEqual([
    `PATCH ${repo}/issues/comments/${on.repository.comments[0]?.id ?? 0} ${JSON.stringify({ body: second })} 200`,
  ])

  // And again, and merged: the plan that is made then waits.
  on.repository.commit('edit', { [POLICY]: AFTER })
  pull.headSha = on.repository.tip('edit')
  on.repository.testMerge(pull.number)
  await on.onPull(pull)
  const before = on.repository.tip('main')
  on.repository.merge(pull.number)
  const planned = await on.onMain('push', {}, before)
  const { 'plan-id': id = '' } = planned.outputs
  expect([planned.status, planned.outputs['deletes']]).toEqual([0, '2'])
  const [waiting = ''] = on.comments(pull.number)
  expect(status(waiting)).toMatch(/^⏳ \*\*Waiting for approval\*\* in \[run \d+\]/)
  expect(readMarker(waiting)).toMatchObject({ state: 'waiting', plan: id })
  expect(waiting).toContain('+1 newly deleted')

  // Somebody approves.
  on.repository.approvals.set(on.nextRun, [
    {
      environments: ['registry-change'],
      state: 'approved',
      by: on.gitHub.state.account('ada'),
      comment: 'looks | good, @everybody',
    },
  ])
  const applied = await on.onMain('push', { command: 'apply', 'plan-id': id }, before)
  expect([applied.status, applied.outputs['applied'], tags()]).toEqual([0, '2', ['new']])
  expect(applied.summary).toMatch(/Approved by ada for registry-change: “looks \\\| good, .*everybody”/)
  expect(applied.summary).not.toContain('@everybody')
  const [done = ''] = on.comments(pull.number)
  expect(status(done)).toMatch(/^✅ \*\*Applied\*\*: 2 of 2 done, in \[run/)
  expect(readMarker(done)?.state).toBe('applied')
  expect(JSON.parse(on.folder.read('.harbor-dredge/result.json'))).toMatchObject({
    approvals: [{ by: 'ada', words: 'looks | good, @everybody', environments: ['registry-change'] }],
  })

  const restored = await on.onMain('workflow_dispatch', { command: 'restore', only: `${APP}:old-2` })
  expect([restored.status, tags()]).toEqual([0, ['new', 'old-2']])
  expect(on.comments(pull.number)).toEqual([done])
}, 60_000)

describe('a policy that', () => {
  test('is new', async () => {
    on.repository.commit('main', { [POLICY]: null })
    on.repository.commit('add', { [POLICY]: AFTER })
    const { status: ended } = await on.onPull(on.open('add'))
    const [comment = ''] = on.comments(1)
    expect([ended, comment.includes('There was no policy before')]).toEqual([0, true])
    expect(comment).toContain('+2 newly deleted')
  })

  test('is removed', async () => {
    on.repository.commit('remove', { [POLICY]: null })
    const { status: ended, outputs, summary } = await on.onPull(on.open('remove'))
    const [comment = ''] = on.comments(1)
    expect([ended, outputs['changes']]).toEqual([0, 'false'])
    expect(comment).toContain('Without a policy nothing is deleted or copied')
    expect(comment).toContain('\u22121 rescued')
    expect(summary).toContain('\u22121 rescued')
  })

  test('is not touched: nothing is said, until it was', async () => {
    on.repository.commit('other', { 'README.md': 'more' })
    const pull = on.open('other')
    await on.onPull(pull)
    expect(on.comments(1)).toEqual([])
    await on.onPull(pull, { comment: 'always' })
    expect(on.comments(1)).toHaveLength(1)
    expect(on.comments(1)[0]).toContain('This pull request does not touch it')
  })

  test('cannot be compared, since what the base branch has is broken', async () => {
    on.repository.commit('main', { [POLICY]: 'version: 1\nrulez: []\n' })
    on.repository.commit('mend', { [POLICY]: AFTER })
    const { status: ended } = await on.onPull(on.open('mend'))
    const [comment = ''] = on.comments(1)
    expect(ended).toBe(0)
    expect(comment).toMatch(/What this edit changes is not known/)
    expect(comment).toMatch(/has \d problems?, the first on line \d/)
    expect(comment).toContain('`library/app:old-2`')
  })

  test('has problems: they are told, each at its place', async () => {
    on.repository.commit('break', { [POLICY]: 'version: 1\nrulez: []\n' })
    const { status: ended, outputs, stdout } = await on.onPull(on.open('break'))
    const [comment = ''] = on.comments(1)
    expect([ended, outputs['failure-reason']]).toEqual([1, 'policy-invalid'])
    expect(status(comment)).toMatch(/^❌ \*\*Failed\*\*/)
    expect(comment).toMatch(/line 2: .*rulez/)
    expect(stdout).toMatch(new RegExp(`::error .*file=${POLICY},line=2`))
  })
})

describe('a pull request from a fork', () => {
  test('without secrets: the policy is checked, and its comment is not to be', async () => {
    on.gitHub.state.addToken(TOKEN, BOT, { contents: 'read', pull_requests: 'read' })
    on.repository.commit('edit', { [POLICY]: AFTER })
    const given = { 'harbor-username': '', 'harbor-password': '' }
    const { status: ended, stdout, summary, outputs } = await on.onPull(on.open('edit', 'mika-h/fork'), given)
    expect([ended, outputs]).toEqual([0, { changes: 'false', 'failure-reason': '' }])
    expect(summary).toContain('Harbor was not asked')
    expect(stdout).toMatch(
      /::warning::.*could not be written; the job summary has all of it.*pull-requests: write/,
    )
    expect([on.comments(1), on.harbor.requests]).toEqual([[], []])
  })

  test('with a policy that has problems: it fails, with these', async () => {
    on.repository.commit('edit', { [POLICY]: 'version: 2\n' })
    const given = { 'harbor-username': '', 'harbor-password': '' }
    const { status: ended, outputs } = await on.onPull(on.open('edit', 'mika-h/fork'), given)
    expect([ended, outputs['failure-reason']]).toEqual([1, 'policy-invalid'])
  })
})

test('from the same repository secrets are missed', async () => {
  on.repository.commit('edit', { [POLICY]: AFTER })
  const { outputs } = await on.onPull(on.open('edit'), { 'harbor-password': '' })
  expect(outputs['failure-reason']).toBe('bad-input')
})

test('a token that may not comment is no failure, nor is a GitHub that is not there', async () => {
  on.repository.commit('edit', { [POLICY]: AFTER })
  const pull = on.open('edit')
  on.gitHub.state.addToken(TOKEN, BOT, { contents: 'read', pull_requests: 'read' })
  const refused = await on.onPull(pull)
  expect([refused.status, refused.outputs['deletes'], refused.stdout.match(/^::warning/gm)]).toEqual([
    0,
    '2',
    ['::warning'],
  ])
  expect(refused.summary).toContain('+1 newly deleted')
  const gone = await on.onPull(pull, { comment: 'never' }, { GITHUB_API_URL: 'http://127.0.0.1:1' })
  expect([gone.status, gone.outputs['deletes'], gone.stdout.includes('::warning')]).toEqual([0, '2', false])
})

test('an event that cannot be read is pointed out, and the plan is made all the same', async () => {
  on.checkOut(on.repository.tip('main'))
  const at = { sha: on.repository.tip('main'), ref: 'refs/pull/1/merge' }
  const { status: ended, outputs, stdout } = await on.step('pull_request', { action: 'opened' }, at, {})
  expect([ended, outputs['deletes']]).toEqual([0, '1'])
  expect(stdout).toMatch(/::warning::no pull request is told of this plan: .*lacks `pull_request`/)
})

test('a GitHub Enterprise Server', async () => {
  const enterprise = await OnGitHub.start({ prefix: '/api/v3' })
  try {
    fill(enterprise)
    enterprise.repository.commit('edit', { [POLICY]: AFTER })
    await enterprise.onPull(enterprise.open('edit'))
    expect(enterprise.comments(1)).toHaveLength(1)
  } finally {
    await enterprise.close()
  }
})

test.each(['schedule', 'workflow_dispatch', 'merge_group'])(
  'on %s nobody is told anything',
  async (event) => {
    const { status: ended, outputs, stdout } = await on.onMain(event)
    expect([ended, outputs['deletes'], stdout.includes('::warning')]).toEqual([0, '1', false])
    expect(on.asked()).toEqual([])
  },
)

test.each([
  ['pull_request', 'pull-request'],
  ['pull_request_target', 'pull-request'],
  ['pull_request_review', 'pull-request'],
  ['merge_group', 'unreviewed-event'],
  ['issue_comment', 'unreviewed-event'],
  ['issues', 'unreviewed-event'],
])('apply does not run on %s', async (event, reason) => {
  const { outputs } = await on.onMain('schedule')
  const before = tags()
  const id = outputs['plan-id'] ?? ''
  const applied = await on.onMain(event, { command: 'apply', 'plan-id': id })
  expect([applied.status, applied.outputs['failure-reason'], tags()]).toEqual([1, reason, before])
})
