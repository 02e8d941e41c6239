// What an event is about, from whole payloads and from damaged ones.
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { readEvent, type Event } from '../../src/github/event.ts'
import { isFromFork } from '../../src/github/pull-request.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'
import * as commits from './payloads.ts'
import { payload } from './payloads.ts'

function eventOf(file: string): Event {
  const [name = ''] = file.split('.')
  return readEvent(name, 'refs/heads/main', { text: payload(file) })
}

type Fields = Record<string, unknown>

function fieldsOf(value: unknown): Fields {
  if (isRecord(value)) return value
  throw new Error('not a mapping')
}

/** The event with its payload changed. */
function changed(file: string, change: (fields: Fields) => void): Event {
  const fields = parseJson<Fields>(payload(file))
  change(fields)
  const [name = ''] = file.split('.')
  return readEvent(name, 'refs/heads/main', { text: JSON.stringify(fields) })
}

const REPOSITORY = 'lagoon-works/registry-policy'
const PULL = {
  number: 41,
  url: 'https://github.com/lagoon-works/registry-policy/pull/41',
  merged: false,
  mergeCommit: null,
  base: { repository: REPOSITORY, ref: 'main', sha: commits.BASE },
  head: { repository: REPOSITORY, ref: 'one-build-each', sha: commits.HEAD },
}

describe('pull requests', () => {
  test('one from the same repository', () => {
    expect(eventOf('pull_request.opened')).toEqual({ name: 'pull_request', action: 'opened', pull: PULL })
    expect(isFromFork(PULL)).toBe(false)
  })

  test('one that was pushed to', () => {
    expect(eventOf('pull_request.synchronize')).toMatchObject({
      action: 'synchronize',
      pull: { head: { sha: commits.SECOND_HEAD } },
    })
  })

  test('one from a fork', () => {
    const event = eventOf('pull_request.fork')
    if (event.name !== 'pull_request') throw new Error(event.name)
    expect(event.pull).toMatchObject({
      number: 42,
      head: { repository: 'sam-outside/registry-policy', ref: 'patch-1', sha: commits.FORK_HEAD },
    })
    expect(isFromFork(event.pull)).toBe(true)
  })

  test('one from a fork that was deleted: nobody knows who may push there', () => {
    const event = eventOf('pull_request.fork-deleted')
    if (event.name !== 'pull_request') throw new Error(event.name)
    expect(event.pull.head.repository).toBeNull()
    expect(isFromFork(event.pull)).toBe(true)
  })

  test('one that was merged', () => {
    expect(eventOf('pull_request.closed-merged')).toMatchObject({
      action: 'closed',
      pull: { merged: true, mergeCommit: commits.MERGED },
    })
  })

  test('a repository is the same however its name is written', () => {
    const head = { ...PULL.head, repository: 'Lagoon-Works/registry-policy' }
    expect(isFromFork({ ...PULL, head })).toBe(false)
  })

  test('pull_request_target has the same payload, and its name', () => {
    const event = readEvent('pull_request_target', '', { text: payload('pull_request.fork') })
    expect(event).toMatchObject({ name: 'pull_request_target', pull: { number: 42 } })
  })
})

describe('the others', () => {
  test.each([
    ['push.merge', { branch: 'main', before: commits.NEWER_BASE, after: commits.MERGED }],
    ['push.plain', { branch: 'main', before: commits.MERGED, after: commits.PLAIN }],
    ['push.tag-deleted', { branch: null, before: commits.PLAIN, after: null }],
    ['push.branch-created', { branch: 'feature/one-build', before: null, after: commits.HEAD }],
  ])('%s', (file, wanted) => {
    expect(eventOf(file)).toEqual({ name: 'push', ...wanted })
  })

  test('a merge queue', () => {
    expect(eventOf('merge_group')).toEqual({
      name: 'merge_group',
      action: 'checks_requested',
      base: { ref: 'refs/heads/main', sha: commits.NEWER_BASE },
      head: {
        ref: expect.stringMatching(/^refs\/heads\/gh-readonly-queue\/main\/pr-41-/),
        sha: commits.GROUP,
      },
    })
  })

  test('a comment, on a pull request or an issue', () => {
    const event = { name: 'issue_comment', action: 'created', number: 41, onPullRequest: true }
    expect(eventOf('issue_comment')).toEqual(event)
    const onIssue = changed('issue_comment', (fields) => {
      const { pull_request: _, ...issue } = fieldsOf(fields['issue'])
      fields['issue'] = issue
    })
    expect(onIssue).toEqual({ ...event, onPullRequest: false })
  })

  test('a schedule, which may say no more than its line', () => {
    expect(eventOf('schedule')).toEqual({ name: 'schedule', cron: '17 3 * * 1' })
    expect(readEvent('schedule', '', { text: '{"schedule":"17 3 * * 1"}' })).toEqual(eventOf('schedule'))
    expect(readEvent('schedule', '', { missing: 'gone' })).toEqual({ name: 'schedule', cron: '' })
  })

  test('a start by hand, and what isn’t known, ask nothing of the payload', () => {
    expect(eventOf('workflow_dispatch')).toEqual({ name: 'workflow_dispatch' })
    expect(readEvent('release', '', { missing: 'gone' })).toEqual({ name: 'other', called: 'release' })
  })
})

describe('a payload that isn’t what it should be is told, not taken', () => {
  test.each([
    [{ missing: 'there is no file /x.json' }, 'cannot be read: there is no file /x.json'],
    [{ text: '' }, 'is not JSON'],
    [{ text: payload('push.plain').slice(0, 3000) }, 'is not JSON'],
    [{ text: '[]' }, 'lacks `action`'],
    [{ text: 'null' }, 'is not a mapping'],
    [{ text: '{}' }, 'lacks `action`'],
    [{ text: payload('push.plain') }, 'lacks `action`'],
  ])('%j', (given, why) => {
    expect(readEvent('pull_request', '', given)).toEqual({
      name: 'unreadable',
      called: 'pull_request',
      why: `the payload of the event (GITHUB_EVENT_PATH) ${why}`,
    })
  })

  test.each<[string, unknown, string]>([
    ['number', '41', 'has a `pull_request.number` that is'],
    ['number', 41.5, 'has a `pull_request.number` that is not a number of GitHub’s'],
    ['number', 0, 'has a `pull_request.number` that is'],
    ['number', undefined, 'lacks `pull_request.number`'],
    ['html_url', 'javascript:alert(1)', 'has a `pull_request.html_url` that is not a URL'],
    ['head', { sha: 'HEAD', ref: 'x', repo: null }, '`pull_request.head.sha` that is not the id of a commit'],
    ['head', { sha: commits.HEAD, ref: 'a b', repo: null }, 'that is not the name of a ref'],
    ['head', { sha: commits.HEAD, ref: 'x', repo: { full_name: 'x/..' } }, 'that is not owner/name'],
    ['head', { sha: commits.HEAD, ref: 'x', repo: { full_name: 'a/b/c' } }, 'that is not owner/name'],
    ['base', null, 'has a `pull_request.base` that is'],
  ])('pull_request.%s: %j', (field, value, why) => {
    const event = changed('pull_request.opened', (fields) => {
      fields['pull_request'] = { ...fieldsOf(fields['pull_request']), [field]: value }
    })
    expect(event).toMatchObject({ name: 'unreadable', why: expect.stringContaining(why) })
  })

  test('whatever is in it, something is said', () => {
    const names = ['pull_request', 'push', 'merge_group', 'issue_comment', 'schedule', 'workflow_dispatch']
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.oneof(fc.json(), fc.string()), (name, text) => {
        expect(readEvent(name, 'refs/heads/main', { text }).name).toBeDefined()
      }),
    )
  })
})
