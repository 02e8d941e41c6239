// Which run this is, by the runner's variables.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readRun } from '../../src/github/read-run.ts'
import { parseRun, pullRequestOf, type Run } from '../../src/github/run.ts'
import { payload, variables, type Variables } from './payloads.ts'

function runOf(others: Variables, file = 'pull_request.opened'): Run {
  const parsed = parseRun(variables(others), { text: payload(file) })
  if (parsed !== undefined && 'run' in parsed) return parsed.run
  throw new Error(parsed?.problem ?? 'no run')
}

test('on github.com', () => {
  const { event, ...run } = runOf({})
  expect(run).toEqual({
    repository: 'lagoon-works/registry-policy',
    sha: '9c1185a5c5e9fc54612808977ee8f548b2258d31',
    ref: 'refs/pull/41/merge',
    id: 18_000_000_001,
    attempt: 1,
    url: 'https://github.com/lagoon-works/registry-policy/actions/runs/18000000001',
    actor: 'mika-h',
    apiUrl: 'https://api.github.com',
    workspace: '/home/runner/work/registry-policy/registry-policy',
  })
  expect(event.name).toBe('pull_request')
})

test('on a GitHub Enterprise Server, tried again by somebody else', () => {
  const server = { GITHUB_SERVER_URL: 'https://ghe.example/', GITHUB_API_URL: 'https://ghe.example/api/v3/' }
  expect(runOf({ ...server, GITHUB_RUN_ATTEMPT: '3', GITHUB_TRIGGERING_ACTOR: 'jo' })).toMatchObject({
    apiUrl: 'https://ghe.example/api/v3',
    url: 'https://ghe.example/lagoon-works/registry-policy/actions/runs/18000000001/attempts/3',
    attempt: 3,
    actor: 'jo',
  })
})

test('a pull request is had from the events that are about one', () => {
  const push = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' }
  expect(pullRequestOf(runOf({}))?.number).toBe(41)
  expect(pullRequestOf(runOf(push, 'push.merge'))).toBeUndefined()
})

test.each([
  {},
  { CI: 'true', GITLAB_CI: 'true' },
  { JENKINS_URL: 'https://jenkins.example' },
  { GITHUB_ACTIONS: 'false' },
])('not GitHub Actions: %j', (elsewhere: Variables) => {
  expect(parseRun(elsewhere, { missing: 'no' })).toBeUndefined()
})

describe('a variable that isn’t what GitHub sets is named', () => {
  const ends = ', though GITHUB_ACTIONS says that this is a workflow of GitHub’s'
  test.each<[string, string | undefined, string]>([
    ['GITHUB_REPOSITORY', undefined, 'is not set'],
    ['GITHUB_REPOSITORY', 'registry-policy', 'is not owner/name'],
    ['GITHUB_REPOSITORY', '../user', 'is not owner/name'],
    ['GITHUB_SHA', 'main', 'is not the id of a commit'],
    ['GITHUB_RUN_ID', '0x11', 'is no number'],
    ['GITHUB_API_URL', 'api.github.com', 'is no address of a server'],
    ['GITHUB_API_URL', 'https://x:y@api.github.com', 'is no address of a server'],
    ['GITHUB_API_URL', 'file:///etc', 'is no address of a server'],
    ['GITHUB_SERVER_URL', 'https://github.com?x', 'is no address of a server'],
    ['GITHUB_EVENT_NAME', '', 'is no name of an event'],
  ])('%s=%s', (name, value, what) => {
    const parsed = parseRun(variables({ [name]: value }), { text: payload('pull_request.opened') })
    expect(parsed).toEqual({ problem: `${name} ${what}${ends}` })
  })
})

describe('from the environment and the file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'event-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('the payload is read', async () => {
    const file = path.join(folder, 'event.json')
    await writeFile(file, payload('pull_request.fork'))
    expect(await readRun(variables({ GITHUB_EVENT_PATH: file }))).toMatchObject({
      run: { event: { name: 'pull_request', pull: { number: 42 } } },
    })
  })

  test.each([
    ['', 'cannot be read: the variable is not set'],
    ['/nowhere/event.json', 'cannot be read: there is no file /nowhere/event.json'],
    [tmpdir(), 'cannot be read: EISDIR: illegal operation on a directory, read'],
  ])('a payload that isn’t there: %j', async (file, why) => {
    expect(await readRun(variables({ GITHUB_EVENT_PATH: file }))).toMatchObject({
      run: { event: { name: 'unreadable', why: `the payload of the event (GITHUB_EVENT_PATH) ${why}` } },
    })
  })

  test('elsewhere nothing is read', async () => {
    expect(await readRun({ GITHUB_EVENT_PATH: '/nowhere/event.json' })).toBeUndefined()
  })
})
