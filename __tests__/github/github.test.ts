// What is asked of GitHub: files at commits, who approved, which pull request a commit is from, who we are.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Rights } from '../../stand-in/github/model.ts'
import { inTurn, serve } from '../helpers/server.ts'
import { BOT, clientOf, errorOf, REPOSITORY, RIGHTS, startLab, TOKEN, type Client, type Lab } from './lab.ts'

let lab: Lab
beforeEach(async () => {
  lab = await startLab()
})
afterEach(() => lab.close())

const POLICY = '.github/harbor-dredge.yml'
const answered = (): readonly number[] => lab.standIn.requests.map(({ status }) => status)

function withToken(login: string, rights: Rights = RIGHTS): Client {
  const token = `token-of-${login.replaceAll(/\W/g, '')}`
  lab.standIn.state.addToken(token, login, rights)
  return lab.as({ token })
}

describe('who we are', () => {
  test.each([BOT, 'dredge-app[bot]', 'jo'])('%s', async (login) => {
    expect(await withToken(login).github.whoami()).toBe(login)
  })

  test('on a GitHub Enterprise Server', async () => {
    const server = await startLab({ prefix: '/api/v3' })
    expect(await server.github.whoami()).toBe(BOT)
    expect(server.standIn.requests.map(({ path }) => path)).toEqual(['/api/graphql'])
    await server.close()
  })

  test('nobody, by a token that isn’t known', async () => {
    const error = await errorOf(lab.as({ token: 'ghs_expired' }).github.whoami())
    expect([error.trouble, error.status]).toEqual(['token', 401])
  })

  test('somebody, whom GraphQL doesn’t tell of', async () => {
    lab.standIn.faults.inject({ path: '/graphql', times: 9, fault: { kind: 'error', status: 404 } })
    expect((await errorOf(lab.github.whoami())).trouble).toBe('absent')
  })
})

describe('a file at a commit', () => {
  test.each<[string, string | Buffer]>([
    ['text', 'version: 1\n'],
    ['nothing', ''],
    ['text of everywhere', '# Härbör ⚓\r\n'],
    ['bytes', Buffer.from([0, 255, 254, 13, 10, 128])],
    ['more than a line of base64', 'x'.repeat(500)],
    ['as much as comes in JSON', Buffer.alloc(2 ** 20, 'y')],
    ['more than comes in JSON', Buffer.alloc(2 ** 20 + 1, 'z')],
  ])('with %s in it', async (_, content) => {
    const commit = lab.repository.commit('main', { [POLICY]: content })
    lab.repository.commit('main', { [POLICY]: 'later' })
    const found = await lab.github.fileAt(POLICY, commit)
    expect(found?.equals(Buffer.from(content))).toBe(true)
  })

  test('under any name', async () => {
    const name = 'a folder/ü#?%2F+&.yml'
    const commit = lab.repository.commit('main', { [name]: 'found' })
    expect(String(await lab.github.fileAt(name, commit))).toBe('found')
  })

  test('by a link', async () => {
    const commit = lab.repository.commit('main', {
      'policies/prod.yml': 'linked',
      [POLICY]: { kind: 'symlink', target: '../policies/prod.yml' },
    })
    expect(String(await lab.github.fileAt(POLICY, commit))).toBe('linked')
  })

  test('that lacks its end', async () => {
    const content = { type: 'file', size: 5, encoding: 'base64', content: 'YWJj\n' }
    const server = await serve(inTurn({ body: JSON.stringify(content) }))
    const client = clientOf(server.url)
    const error = await errorOf(client.github.fileAt(POLICY, '1'.repeat(40)))
    await client.close()
    await server.close()
    expect(error.message).toMatch(/: came with 3 bytes instead of 5$/)
  })

  test('that isn’t there', async () => {
    const before = lab.repository.tip('main')
    const commit = lab.repository.commit('main', { [POLICY]: 'x' })
    const after = lab.repository.commit('main', { [POLICY]: null })
    expect(await lab.github.fileAt(POLICY, before)).toBeUndefined()
    expect(await lab.github.fileAt(POLICY, commit)).toBeDefined()
    expect(await lab.github.fileAt(POLICY, after)).toBeUndefined()
  })

  test('that isn’t there isn’t known of, without a commit', async () => {
    const nowhere = '0123456789'.repeat(4)
    const error = await errorOf(lab.github.fileAt(POLICY, nowhere))
    expect([error.trouble, error.message]).toEqual([
      'absent',
      expect.stringContaining(`/git/commits/${nowhere}: answered 404`),
    ])
  })

  test.each<[string, Parameters<Lab['repository']['commit']>[1], string]>([
    ['a folder', { [`${POLICY}/x.yml`]: 'x' }, 'is a dir at'],
    ['a link to nowhere', { [POLICY]: { kind: 'symlink', target: '/etc/passwd' } }, 'is a symlink at'],
    ['a submodule', { [POLICY]: { kind: 'submodule', commit: '1'.repeat(40) } }, 'is a submodule at'],
  ])('%s is no file', async (_, changes, words) => {
    const commit = lab.repository.commit('main', changes)
    const error = await errorOf(lab.github.fileAt(POLICY, commit))
    expect([error.trouble, error.message]).toEqual(['unexpected', expect.stringContaining(words)])
  })

  test('without the right to read it', async () => {
    const { github } = withToken('other[bot]', { pull_requests: 'write' })
    const error = await errorOf(github.fileAt(POLICY, lab.repository.tip('main')))
    expect([error.trouble, error.status]).toEqual(['rights', 403])
    expect(error.message).toContain('the token needs `contents: read`')
  })
})

describe('commits', () => {
  test('the parents of a merge, the base branch’s first', async () => {
    const base = lab.repository.commit('main', { a: '1' })
    const head = lab.repository.commit('change', { b: '1' })
    lab.repository.openPull('change', { author: lab.standIn.state.account('jo') })
    expect(await lab.github.parentsOf(lab.repository.testMerge(1))).toEqual([base, head])
    expect(await lab.github.parentsOf(head)).toEqual([base])
  })

  test('where a commit left a branch, without the files that changed', async () => {
    const left = lab.repository.commit('main', { a: '1' })
    lab.repository.commit('feature/x y', { b: '1' })
    const head = lab.repository.commit('feature/x y', { b: '2' })
    lab.repository.commit('main', { a: '2' })
    expect(await lab.github.mergeBase('main', head)).toBe(left)
    expect(await lab.github.mergeBase('feature/x y', lab.repository.tip('main'))).toBe(left)
    expect(lab.standIn.requests[0]?.path).toBe(
      `/repos/${REPOSITORY}/compare/main...${head}?per_page=1&page=2`,
    )
  })

  test('that aren’t there', async () => {
    const nowhere = '0123456789'.repeat(4)
    expect((await errorOf(lab.github.parentsOf(nowhere))).trouble).toBe('absent')
    expect((await errorOf(lab.github.mergeBase('main', nowhere))).trouble).toBe('absent')
  })
})

describe('who approved a run', () => {
  const RUN = 18_000_000_001

  test('with which words', async () => {
    const { state } = lab.standIn
    const jo = state.account('jo')
    lab.repository.approvals.set(RUN, [
      {
        environments: ['registry-delete'],
        state: 'approved',
        by: jo,
        comment: 'Looked at\n**all** 12 of them',
      },
      { environments: ['staging', 'prod'], state: 'rejected', by: null, comment: '' },
    ])
    expect(await lab.github.approvalsOf(RUN)).toEqual([
      {
        state: 'approved',
        by: 'jo',
        words: 'Looked at\n**all** 12 of them',
        environments: ['registry-delete'],
      },
      { state: 'rejected', by: null, words: '', environments: ['staging', 'prod'] },
    ])
  })

  test('nobody, where nothing waits', async () => {
    lab.repository.approvals.set(RUN, [])
    expect(await lab.github.approvalsOf(RUN)).toEqual([])
  })

  test('without the right to ask', async () => {
    const error = await errorOf(withToken('other[bot]', { contents: 'read' }).github.approvalsOf(RUN))
    expect([error.trouble, error.message]).toEqual([
      'rights',
      expect.stringContaining('the token needs `actions: read`'),
    ])
  })
})

describe('the pull request that a push is from', () => {
  const open = (branch: string): number => {
    lab.repository.commit(branch, { [branch]: '1' })
    return lab.repository.openPull(branch, { author: lab.standIn.state.account('jo') }).number
  }

  test.each(['merge', 'squash'] as const)('merged by %s', async (how) => {
    const number = open('change')
    const head = lab.repository.tip('change')
    const merged = lab.repository.merge(number, how)
    expect(await lab.github.mergedBy(merged, 'main')).toEqual({
      number,
      url: `https://github.com/${REPOSITORY}/pull/${number}`,
      merged: true,
      mergeCommit: merged,
      base: { repository: REPOSITORY, ref: 'main', sha: lab.repository.pull(number).baseSha },
      head: { repository: REPOSITORY, ref: 'change', sha: head },
    })
  })

  test('merged by pushing its commits', async () => {
    const number = open('change')
    const head = lab.repository.tip('change')
    const pull = lab.repository.pull(number)
    Object.assign(pull, { mergeCommit: head, mergedAt: 1 })
    expect((await lab.github.mergedBy(head, 'main'))?.number).toBe(number)
  })

  test('none: pushed by itself', async () => {
    open('change')
    const commit = lab.repository.commit('main', { x: '1' })
    expect(await lab.github.mergedBy(commit, 'main')).toBeUndefined()
  })

  test('none: it has the commit, but isn’t merged', async () => {
    open('change')
    expect(await lab.github.mergedBy(lab.repository.tip('change'), 'main')).toBeUndefined()
  })

  test('none: it was merged to another branch', async () => {
    const number = open('change')
    const merged = lab.repository.merge(number)
    expect(await lab.github.mergedBy(merged, 'release')).toBeUndefined()
  })

  test('of several that have the commit, the one that it merged', async () => {
    const number = open('change')
    const other = lab.repository.openPull('change', { author: lab.standIn.state.account('jo') })
    const head = lab.repository.tip('change')
    const merged = lab.repository.merge(number)
    Object.assign(other, { mergeCommit: head, mergedAt: 1 })
    expect((await lab.github.mergedBy(merged, 'main'))?.number).toBe(number)
    // Both brought this one, at the same time.
    lab.repository.pull(number).mergeCommit = null
    expect((await lab.github.mergedBy(head, 'main'))?.number).toBe(other.number)
    other.mergeCommit = null
    expect(await lab.github.mergedBy(head, 'main')).toBeUndefined()
  })
})

test('a private repository isn’t there for who may not see it', async () => {
  lab.standIn.state.addToken('stranger', 'stranger', RIGHTS, ['others/things'])
  const { github } = lab.as({ token: 'stranger' })
  const errors = [
    await errorOf(github.comments(1)),
    await errorOf(github.fileAt(POLICY, lab.repository.tip('main'))),
    await errorOf(github.approvalsOf(1)),
  ]
  // A file of which nobody may know isn't a new one.
  expect(errors.map(({ trouble }) => trouble)).toEqual(['absent', 'absent', 'absent'])
})

test('what is public can be read without being asked for', async () => {
  const open = await startLab({ isPrivate: false })
  open.standIn.state.addToken('weak', BOT, {})
  const { github } = open.as({ token: 'weak' })
  expect(await github.fileAt(POLICY, open.repository.tip('main'))).toBeUndefined()
  await open.close()
})

test('comments beyond the first page, in the order in which they were made', async () => {
  const jo = lab.standIn.state.account('jo')
  lab.repository.openPull('main', { author: jo })
  lab.repository.openPull('main', { author: jo })
  for (let nth = 1; nth <= 250; nth += 1) lab.repository.comment(nth % 10 === 0 ? 2 : 1, jo, `${nth}`)
  lab.repository.comment(1, null, 'by an account that was deleted')
  const all = await lab.github.comments(1)
  expect(all).toHaveLength(226)
  expect(all.slice(0, 3).map(({ text, author }) => [text, author])).toEqual([
    ['1', 'jo'],
    ['2', 'jo'],
    ['3', 'jo'],
  ])
  expect(all.at(-1)).toMatchObject({ author: null })
  expect(answered()).toEqual([200, 200, 200])
  expect(lab.standIn.requests.every(({ headers }) => headers['authorization'] === `Bearer ${TOKEN}`)).toBe(
    true,
  )
})
