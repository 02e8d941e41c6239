// The life of a pull request's comment, as a command goes through it: from the runner's variables and payload on.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { baseOf } from '../../src/github/base.ts'
import { isFromFork } from '../../src/github/pull-request.ts'
import { readRun } from '../../src/github/read-run.ts'
import { pullRequestOf, type Run } from '../../src/github/run.ts'
import { putComment, type Put } from '../../src/github/sticky.ts'
import { commentKey, isLater, markerLine, readMarker, type Marker } from '../../src/report/marker.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'
import { BOT, REPOSITORY, startLab, type Client, type Lab } from './lab.ts'
import { payload, variables, type Variables } from './payloads.ts'

const POLICY = '.github/harbor-dredge.yml'
const KEY = commentKey(POLICY, 'https://harbor.example')
let lab: Lab
let folder = ''

beforeEach(async () => {
  lab = await startLab({ prefix: '/api/v3' })
  folder = await mkdtemp(path.join(tmpdir(), 'life-'))
})
afterEach(async () => {
  await lab.close()
  await rm(folder, { recursive: true })
})

/** The run of a workflow that an event with this payload starts. */
async function started(file: string, fields: Record<string, unknown>, others: Variables): Promise<Run> {
  const event = path.join(folder, 'event.json')
  const whole = parseJson<Record<string, unknown>>(payload(file))
  for (const [name, value] of Object.entries(fields)) {
    const before = whole[name]
    whole[name] = isRecord(before) && isRecord(value) ? { ...before, ...value } : value
  }
  await writeFile(event, JSON.stringify(whole))
  const [name] = file.split('.')
  const environment = { GITHUB_EVENT_PATH: event, GITHUB_EVENT_NAME: name, GITHUB_API_URL: lab.standIn.url }
  const parsed = await readRun(variables({ ...environment, ...others }))
  if (parsed === undefined || 'problem' in parsed) throw new Error(parsed?.problem)
  return parsed.run
}

function pullRun(id: number, file = 'pull_request.opened'): Promise<Run> {
  const { number, headSha, baseSha, mergeCommit } = lab.repository.pull(1)
  const repo = { full_name: REPOSITORY }
  const pull = {
    number,
    head: { ref: 'change', sha: headSha, repo },
    base: { ref: 'main', sha: baseSha, repo },
  }
  return started(file, { pull_request: pull }, { GITHUB_RUN_ID: String(id), GITHUB_SHA: mergeCommit ?? '' })
}

/** Says where it is, as commands do it: not over what a later run has said. */
function say(
  run: Run,
  number: number,
  state: Marker['state'],
  more: Partial<Marker> & { client?: Client } = {},
): Promise<Put> {
  const { client = lab, ...fields } = more
  const mine = {
    key: KEY,
    state,
    plan: null,
    head: null,
    base: null,
    run: run.id,
    attempt: run.attempt,
    ...fields,
  }
  return putComment(
    client.github,
    number,
    {
      isIt: (text) => readMarker(text)?.key === KEY,
      text: (now) => {
        const there = now === undefined ? undefined : readMarker(now)
        return there !== undefined && isLater(there, mine)
          ? undefined
          : `${markerLine(mine)}\nThe plan is ${state}.`
      },
    },
    1,
  )
}

const said = (): readonly string[] => lab.repository.comments.map(({ body }) => body.split('\n')[1] ?? '')

test('planned, pushed to, merged, applied: one comment', async () => {
  const jo = lab.standIn.state.account('jo')
  const base = lab.repository.commit('main', { [POLICY]: 'keep: 3' })
  lab.repository.commit('change', { [POLICY]: 'keep: 2' })
  lab.repository.openPull('change', { author: jo })

  const opened = await pullRun(101)
  const pull = pullRequestOf(opened)
  if (pull === undefined) throw new Error('no pull request')
  expect([pull.number, isFromFork(pull)]).toEqual([1, false])
  expect(await baseOf(lab.github, opened, POLICY, Buffer.from('keep: 2'))).toMatchObject({
    kind: 'changed',
    commit: base,
    bytes: Buffer.from('keep: 3'),
  })
  expect(await say(opened, 1, 'planned', { head: pull.head.sha, base })).toMatchObject({ kind: 'created' })

  // Pushed to: the run of the first head is slower than the second's.
  lab.repository.pull(1).headSha = lab.repository.commit('change', { [POLICY]: 'keep: 1' })
  lab.repository.testMerge(1)
  const pushed = await pullRun(102, 'pull_request.synchronize')
  const head = pullRequestOf(pushed)?.head.sha ?? ''
  expect(await say(pushed, 1, 'planned', { head })).toMatchObject({ kind: 'updated' })
  expect(await say(opened, 1, 'failed', { head: pull.head.sha })).toEqual({ kind: 'left' })

  // Merged: another run, which finds the pull request by the commit.
  const merged = lab.repository.merge(1)
  const after = { before: base, after: merged }
  const push = await started('push.merge', after, {
    GITHUB_RUN_ID: '103',
    GITHUB_SHA: merged,
    GITHUB_REF: 'refs/heads/main',
  })
  if (push.event.name !== 'push') throw new Error(push.event.name)
  const from = await lab.github.mergedBy(push.sha, push.event.branch ?? '')
  expect(from?.number).toBe(1)
  for (const state of ['waiting', 'applied'] as const) {
    expect(await say(push, from?.number ?? 0, state, { head })).toMatchObject({ kind: 'updated' })
  }
  expect(said()).toEqual(['The plan is applied.'])
  expect(readMarker(lab.repository.comments[0]?.body ?? '')).toMatchObject({
    state: 'applied',
    run: 103,
    head,
  })
})

test('from a fork: nothing can be said there, and why', async () => {
  const sam = lab.standIn.state.account('sam')
  lab.repository.commit('change', { [POLICY]: 'keep: 2' })
  lab.repository.openPull('change', { author: sam, from: 'sam/registry-policy' })
  lab.standIn.state.addToken('read-only', BOT, { contents: 'read', pull_requests: 'read' })
  const run = await pullRun(101, 'pull_request.fork')
  const outcome = await say(run, 1, 'planned', { client: lab.as({ token: 'read-only' }) })
  expect(outcome).toMatchObject({ kind: 'failed', error: { trouble: 'rights', status: 403 } })
  expect(said()).toEqual([])
})

test('two policies have a comment each', async () => {
  lab.repository.commit('change', { [POLICY]: 'keep: 2' })
  lab.repository.openPull('change', { author: lab.standIn.state.account('jo') })
  const run = await pullRun(101)
  await say(run, 1, 'planned')
  const other = commentKey('.github/other.yml', 'https://harbor.example')
  await putComment(lab.github, 1, {
    isIt: (text) => readMarker(text)?.key === other,
    text: () => 'of the other policy',
  })
  expect(lab.repository.comments).toHaveLength(2)
})
