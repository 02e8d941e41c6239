// What merging a pull request would change of a file: in every way in which it can be checked out.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { baseOf, type Base } from '../../src/github/base.ts'
import { pathInRepository } from '../../src/github/path.ts'
import type { Event } from '../../src/github/event.ts'
import type { Run } from '../../src/github/run.ts'
import type { Changes } from '../../stand-in/github/repository.ts'
import { REPOSITORY, startLab, type Lab } from './lab.ts'

const POLICY = '.github/harbor-dredge.yml'
let lab: Lab
beforeEach(async () => {
  lab = await startLab()
})
afterEach(() => lab.close())

const commit = (branch: string, changes: Changes): string => lab.repository.commit(branch, changes)

/** The run of a workflow on the pull request as it is now. */
function runOf(name: 'pull_request' | 'pull_request_target' = 'pull_request'): Run {
  const pull = lab.repository.pull(1)
  const event: Event = {
    name,
    action: 'synchronize',
    pull: {
      number: 1,
      url: 'https://github.com/x',
      merged: false,
      mergeCommit: pull.mergeCommit,
      base: { repository: REPOSITORY, ref: 'main', sha: pull.baseSha },
      head: { repository: pull.headRepository, ref: 'change', sha: pull.headSha },
    },
  }
  const sha = name === 'pull_request' ? (pull.mergeCommit ?? '') : lab.repository.tip('main')
  return {
    repository: REPOSITORY,
    sha,
    ref: 'refs/pull/1/merge',
    id: 1,
    attempt: 1,
    url: '',
    actor: 'jo',
    apiUrl: lab.standIn.url,
    workspace: '',
    event,
  }
}

function openPull(): void {
  lab.repository.openPull('change', { author: lab.standIn.state.account('jo') })
}

async function base(here: string | undefined, run = runOf()): Promise<Base & { readonly text?: string }> {
  const found = await baseOf(lab.github, run, POLICY, here === undefined ? undefined : Buffer.from(here))
  return 'bytes' in found ? { ...found, text: found.bytes.toString() } : found
}

describe('the test merge is checked out, as actions/checkout does by itself', () => {
  test('changed', async () => {
    const before = commit('main', { [POLICY]: 'a' })
    commit('change', { [POLICY]: 'b' })
    openPull()
    expect(await base('b')).toMatchObject({ kind: 'changed', commit: before, text: 'a' })
    // The commit, its parents, its file, the base branch's file.
    expect(lab.standIn.requests).toHaveLength(3)
  })

  test('untouched', async () => {
    const before = commit('main', { [POLICY]: 'a' })
    commit('change', { 'README.md': 'b' })
    openPull()
    expect(await base('a')).toEqual({ kind: 'untouched', commit: before })
  })

  test('new', async () => {
    const before = lab.repository.tip('main')
    commit('change', { [POLICY]: 'b' })
    openPull()
    expect(await base('b')).toEqual({ kind: 'added', commit: before })
  })

  test('deleted', async () => {
    const before = commit('main', { [POLICY]: 'a' })
    commit('change', { [POLICY]: null })
    openPull()
    expect(await base(undefined)).toMatchObject({ kind: 'removed', commit: before, text: 'a' })
  })

  test('what changed on the base branch since isn’t the pull request’s, though base.sha is older', async () => {
    const opened = commit('main', { [POLICY]: 'a' })
    commit('change', { 'README.md': 'b' })
    openPull()
    const since = commit('main', { [POLICY]: 'a, edited on main' })
    lab.repository.testMerge(1)
    expect(lab.repository.pull(1).baseSha).toBe(opened)
    expect(await base('a, edited on main')).toEqual({ kind: 'untouched', commit: since })
  })

  test('line ends as Windows has them are no change', async () => {
    const before = commit('main', { [POLICY]: 'a\nb\n' })
    commit('change', { 'README.md': 'b' })
    openPull()
    expect(await base('a\r\nb\r\n')).toEqual({ kind: 'untouched', commit: before })
  })

  test('a policy of more than a megabyte', async () => {
    const long = `# ${'x'.repeat(2 ** 20)}\n`
    const before = commit('main', { [POLICY]: long })
    commit('change', { [POLICY]: `${long}#` })
    openPull()
    expect(await base(`${long}#`)).toMatchObject({ kind: 'changed', commit: before, text: long })
  })
})

describe('the head is checked out', () => {
  test('what changed on the base branch since isn’t undone by merging', async () => {
    const left = commit('main', { [POLICY]: 'a' })
    commit('change', { 'README.md': 'b' })
    openPull()
    commit('main', { [POLICY]: 'a, edited on main' })
    lab.repository.testMerge(1)
    expect(await base('a')).toEqual({ kind: 'untouched', commit: left })
  })

  test('nor is what changed there before it was opened', async () => {
    const left = commit('main', { [POLICY]: 'a' })
    commit('change', { 'README.md': 'b' })
    commit('main', { [POLICY]: 'a, edited on main' })
    openPull()
    expect(lab.repository.pull(1).baseSha).not.toBe(left)
    expect(await base('a')).toEqual({ kind: 'untouched', commit: left })
  })

  test('changed on both sides', async () => {
    const left = commit('main', { [POLICY]: 'a', other: '1' })
    commit('change', { [POLICY]: 'b' })
    openPull()
    commit('main', { other: '2' })
    lab.repository.testMerge(1)
    expect(await base('b', runOf('pull_request_target'))).toMatchObject({
      kind: 'changed',
      commit: left,
      text: 'a',
    })
  })
})

describe('what isn’t known is said', () => {
  test('a file that is neither: generated, edited since, of another repository', async () => {
    commit('main', { [POLICY]: 'a' })
    commit('change', { [POLICY]: 'b' })
    openPull()
    const { sha } = runOf()
    expect(await base('c')).toEqual({
      kind: 'unknown',
      why: `what is checked out as ${POLICY} is neither what pull request 1 has (${lab.repository.tip('change')}) nor what merging it would give (${sha}); check out one of them, unchanged, at the root of the workspace`,
    })
  })

  test('the base branch, checked out for pull_request_target', async () => {
    commit('main', { [POLICY]: 'a' })
    commit('change', { [POLICY]: 'b' })
    openPull()
    expect(await base('a', runOf('pull_request_target'))).toMatchObject({ kind: 'unknown' })
  })

  test('no pull request', async () => {
    openPullless()
    const run: Run = { ...runOf(), event: { name: 'workflow_dispatch' } }
    expect(await base('a', run)).toEqual({ kind: 'unknown', why: 'this run is not for a pull request' })
    expect(lab.standIn.requests).toEqual([])
  })

  test.each([
    ['may not be read', 403, 'Resource not accessible by integration', 'needs `contents: read`'],
    ['fails', 500, 'Server Error', 'answered 500'],
    // Not "new": nobody knows.
    ['isn’t there for us', 404, 'No commit found for the ref x', 'No commit found'],
  ])('the base branch’s %s', async (_, status, message, words) => {
    const before = commit('main', { [POLICY]: 'a' })
    commit('change', { [POLICY]: 'b' })
    openPull()
    lab.standIn.faults.inject({ path: before, times: 9, fault: { kind: 'error', status, message } })
    expect(await base('b')).toEqual({ kind: 'unknown', why: expect.stringContaining(words) })
  })

  test('a folder in its place', async () => {
    commit('main', { [`${POLICY}/x`]: 'a' })
    commit('change', { [`${POLICY}/x`]: null, [POLICY]: 'b' })
    openPull()
    expect(await base('b')).toEqual({ kind: 'unknown', why: expect.stringContaining('is a dir at') })
  })

  function openPullless(): void {
    commit('change', { [POLICY]: 'b' })
    openPull()
  }
})

describe('where a file is in its repository', () => {
  let workspace = ''
  beforeAll(async () => {
    workspace = await mkdtemp(path.join(tmpdir(), 'workspace-'))
    await mkdir(path.join(workspace, 'plain/.github'), { recursive: true })
    await mkdir(path.join(workspace, 'cloned/.git'), { recursive: true })
    await mkdir(path.join(workspace, 'cloned/policies'))
    await mkdir(path.join(workspace, 'worktree/deep/er'), { recursive: true })
    await writeFile(path.join(workspace, 'worktree/.git'), 'gitdir: elsewhere')
  })
  afterAll(() => rm(workspace, { recursive: true }))

  test.each([
    ['cloned/policies/prod.yml', 'policies/prod.yml'],
    ['cloned/prod.yml', 'prod.yml'],
    ['worktree/deep/er/../prod.yml', 'deep/prod.yml'],
    // A checkout without Git is one of the workspace.
    ['plain/.github/harbor-dredge.yml', 'plain/.github/harbor-dredge.yml'],
    ['..policy.yml', '..policy.yml'],
    ['nowhere/x.yml', 'nowhere/x.yml'],
  ])('%s', async (file, wanted) => {
    expect(await pathInRepository(path.join(workspace, file), workspace)).toBe(wanted)
  })

  test.each(['../elsewhere.yml', '/elsewhere.yml', '.'])('not in it: %s', async (file) => {
    expect(await pathInRepository(path.resolve(workspace, file), workspace)).toBeUndefined()
    expect(await pathInRepository(path.resolve(workspace, file), '')).toBeUndefined()
  })
})
