// One comment, ours, whatever happens on the way, and nobody else's.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { putComment, type Put, type Sticky } from '../../src/github/sticky.ts'
import type { Fault } from '../../stand-in/http/faults.ts'
import type { Comment } from '../../stand-in/github/model.ts'
import { BOT, RIGHTS, startLab, type Lab } from './lab.ts'

const MARK = '<!-- ours -->'
const PULL = 1
let lab: Lab

beforeEach(async () => {
  lab = await startLab()
  lab.repository.openPull('main', { author: lab.standIn.state.account('jo') })
})
afterEach(() => lab.close())

const isIt = (text: string): boolean => text.startsWith(MARK)
const saying = (words: string): Sticky => ({ isIt, text: () => `${MARK}\n${words}` })

function put(sticky: Sticky, github = lab.github): Promise<Put> {
  return putComment(github, PULL, sticky, 1)
}

function comment(login: string | null, body: string): Comment {
  const { state } = lab.standIn
  return lab.repository.comment(PULL, login === null ? null : state.account(login), body)
}

/** What the conversation is, in the end. */
const said = (): readonly (readonly [string, string])[] =>
  lab.repository.comments.map(({ author, body }) => [author?.login ?? '', body.replace(`${MARK}\n`, '')])
const sent = (): readonly string[] =>
  lab.standIn.requests.filter(({ path }) => !path.includes('graphql')).map(({ method }) => method)

describe('its life', () => {
  test('it is made, edited in place, and left alone when there is nothing new', async () => {
    const first = await put(saying('12 to delete'))
    const second = await put(saying('13 to delete'))
    const third = await put(saying('13 to delete'))
    const [id] = lab.repository.comments.map((one) => one.id)
    const url = `https://github.com/lagoon-works/registry-policy/pull/1#issuecomment-${id}`
    expect([first, second, third]).toEqual([
      { kind: 'created', id, url, notes: [] },
      { kind: 'updated', id, url, notes: [] },
      { kind: 'unchanged', id, url, notes: [] },
    ])
    expect(said()).toEqual([[BOT, '13 to delete']])
    expect(sent()).toEqual(['GET', 'POST', 'GET', 'GET', 'PATCH', 'GET'])
  })

  test('what it says can follow from what it says', async () => {
    await put(saying('planned'))
    const { kind } = await put({ isIt, text: (now) => now?.replace('planned', 'superseded') })
    expect([kind, said()]).toEqual(['updated', [[BOT, 'superseded']]])
  })

  test('it is left as it is, or not made, if there is nothing to say', async () => {
    const asked: (string | undefined)[] = []
    const silent: Sticky = { isIt, text: (now) => void asked.push(now) }
    expect(await put(silent)).toEqual({ kind: 'left' })
    await put(saying('planned'))
    expect(await put(silent)).toEqual({ kind: 'left' })
    expect([asked, said()]).toEqual([[undefined, `${MARK}\nplanned`], [[BOT, 'planned']]])
  })

  test('it is found behind hundreds of others', async () => {
    for (let nth = 0; nth < 130; nth += 1) comment('jo', `${nth}`)
    comment(BOT, `${MARK}\nold`)
    for (let nth = 0; nth < 130; nth += 1) comment('jo', `${nth}`)
    expect(await put(saying('new'))).toMatchObject({ kind: 'updated' })
    expect(said().filter(([login]) => login === BOT)).toEqual([[BOT, 'new']])
  })

  test('it was deleted: there is a new one', async () => {
    await put(saying('old'))
    lab.repository.comments.length = 0
    expect(await put(saying('new'))).toMatchObject({ kind: 'created' })
    expect(said()).toEqual([[BOT, 'new']])
  })
})

describe('whose it is', () => {
  const others = ['mallory', 'other-app[bot]', 'github-actions', 'Github-Actions-Bot', null]

  test.each(others)('one with our mark by %s is not ours', async (login) => {
    const forged = comment(login, `${MARK}\nforged`)
    expect(await put(saying('true'))).toMatchObject({ kind: 'created' })
    expect(await put(saying('still true'))).toMatchObject({ kind: 'updated' })
    expect([forged.body, forged.updatedAt]).toEqual([`${MARK}\nforged`, forged.createdAt])
    expect(said()).toEqual([
      [login ?? '', 'forged'],
      [BOT, 'still true'],
    ])
  })

  test('one of ours without the mark is another', async () => {
    comment(BOT, 'Coverage went up')
    comment(BOT, `> ${MARK}\n> quoted`)
    await put(saying('plan'))
    expect(said().map(([, text]) => text)).toEqual(['Coverage went up', '> > quoted', 'plan'])
  })

  test.each(['dredge-app[bot]', 'a-person'])('with the token of %s, it is theirs', async (login) => {
    comment(BOT, `${MARK}\nthe job’s`)
    lab.standIn.state.addToken('another-token', login, RIGHTS)
    const { github } = lab.as({ token: 'another-token' })
    expect(await put(saying('one'), github)).toMatchObject({ kind: 'created' })
    expect(await put(saying('two'), github)).toMatchObject({ kind: 'updated' })
    expect(said()).toEqual([
      [BOT, 'the job’s'],
      [login, 'two'],
    ])
  })

  test('if nobody says who we are, nothing is touched', async () => {
    comment(BOT, `${MARK}\nmaybe ours`)
    lab.standIn.faults.inject({ path: '/graphql', times: 99, fault: { kind: 'error', status: 404 } })
    expect(await put(saying('new'))).toMatchObject({ kind: 'failed' })
    expect([said(), sent()]).toEqual([[[BOT, 'maybe ours']], []])
  })
})

describe('what GitHub doesn’t let us', () => {
  async function why(github = lab.github): Promise<string> {
    const outcome = await put(saying('plan'), github)
    return outcome.kind === 'failed' ? `${outcome.error.trouble}: ${outcome.why}` : outcome.kind
  }

  test('a token that can only read, as on a pull request from a fork', async () => {
    lab.standIn.state.addToken('read-only', BOT, { contents: 'read', pull_requests: 'read' })
    const { url } = lab.standIn
    expect(await why(lab.as({ token: 'read-only' }).github)).toBe(
      `rights: POST ${url}/repos/lagoon-works/registry-policy/issues/1/comments: answered 403 (Resource not accessible by integration); the token needs \`pull-requests: write\` (\`permissions\` of the job); on pull requests from forks, and Dependabot’s, it can only read, whatever the workflow says`,
    )
    expect(
      lab.standIn.requests.filter(({ method, path }) => method === 'POST' && !path.endsWith('graphql')),
    ).toHaveLength(1)
  })

  test('a token that is over', async () => {
    expect(await why(lab.as({ token: 'ghs_over' }).github)).toMatch(/^token: .*401 \(Bad credentials\)/)
  })

  test('a conversation that is locked, for a new one and for an edit', async () => {
    lab.repository.pull(PULL).locked = true
    expect(await why()).toMatch(/^locked: POST .*issue is locked\.\); unlock the conversation$/)
    comment(BOT, `${MARK}\nold`)
    expect(await why()).toMatch(/^locked: PATCH /)
  })

  test('an archive', async () => {
    lab.repository.archived = true
    expect(await why()).toMatch(/^rights: .*archived/)
  })

  test('a pull request that isn’t there', async () => {
    lab.repository.pulls.clear()
    expect(await why()).toMatch(/^absent: GET /)
    expect(sent()).toEqual(['GET'])
  })

  test('more than it takes', async () => {
    const outcome = await put(saying('x'.repeat(65_536)))
    expect(outcome).toMatchObject({ kind: 'failed', error: { trouble: 'refused' } })
    expect(outcome).toMatchObject({ why: expect.stringContaining('Body is too long (maximum is 65536') })
    expect(await put({ isIt, text: () => MARK.padEnd(65_536, 'x') })).toMatchObject({ kind: 'created' })
  })

  test('a limit that holds for long', async () => {
    lab.standIn.state.secondary = { times: 1, retryAfter: 600 }
    expect(await why()).toMatch(/^limit: .*; run it again in 10m: by then there may be requests left$/)
  })

  test('nobody there', async () => {
    expect(await why(lab.as({}).github)).toBe('created')
    await lab.standIn.close()
    expect(await why(lab.as({}).github)).toMatch(/^unreachable: .*nothing listens there/)
    lab = await startLab()
  })
})

describe('what isn’t clear is looked at before it is done again', () => {
  const cut: readonly (readonly [string, Fault])[] = [
    ['cut before it was done', { kind: 'cut', acted: false }],
    ['cut after it was done', { kind: 'cut', acted: true }],
    ['an error before', { kind: 'error', status: 500 }],
    ['an error after', { kind: 'error', status: 500, acted: true }],
    ['a page before', { kind: 'html', status: 502 }],
    ['a page after', { kind: 'html', status: 504, acted: true }],
    ['half of an answer', { kind: 'truncate', bytes: 30 }],
    ['half of an answer that passes for all of it', { kind: 'truncate', bytes: 30, complete: true }],
  ]

  test.each(cut)('a new one: %s', async (_, fault) => {
    lab.standIn.faults.inject({ method: 'POST', path: '/comments', fault })
    expect(['created', 'unchanged']).toContain((await put(saying('plan'))).kind)
    expect(said()).toEqual([[BOT, 'plan']])
  })

  test.each(cut)('a new one, again and again: %s', async (_, fault) => {
    lab.standIn.faults.inject({ method: 'POST', path: '/comments', times: 3, fault })
    expect(['created', 'unchanged']).toContain((await put(saying('plan'))).kind)
    expect(said()).toEqual([[BOT, 'plan']])
  })

  test.each(cut)('an edit: %s', async (_, fault) => {
    comment(BOT, `${MARK}\nold`)
    lab.standIn.faults.inject({ method: 'PATCH', times: 3, fault })
    expect(await put(saying('new'))).toMatchObject({ kind: 'updated' })
    expect(said()).toEqual([[BOT, 'new']])
  })

  test.each(cut)('a look: %s', async (_, fault) => {
    comment(BOT, `${MARK}\nold`)
    lab.standIn.faults.inject({ method: 'GET', times: 3, fault })
    expect(await put(saying('new'))).toMatchObject({ kind: 'updated' })
    expect(said()).toEqual([[BOT, 'new']])
  })

  test('without end: it is given up, and said', async () => {
    lab.standIn.faults.inject({
      method: 'POST',
      path: '/comments',
      times: 99,
      fault: { kind: 'error', status: 500 },
    })
    expect(await put(saying('plan'))).toMatchObject({ kind: 'failed', error: { trouble: 'failed' } })
    expect(sent().filter((method) => method === 'POST')).toHaveLength(5)
  })

  test('deleted between the look and the edit: there is a new one', async () => {
    const old = comment(BOT, `${MARK}\nold`)
    const removing: Sticky = {
      isIt,
      text: (now) => {
        lab.repository.removeComment(old.id)
        return `${MARK}\n${now === undefined ? 'new' : 'edited'}`
      },
    }
    expect(await put(removing)).toMatchObject({ kind: 'created' })
    expect(said()).toEqual([[BOT, 'new']])
  })
})

describe('two runs at once', () => {
  test('of two comments the older stays', async () => {
    const older = comment(BOT, `${MARK}\nolder`)
    const younger = comment(BOT, `${MARK}\nyounger`)
    comment('jo', 'Why are there two?')
    const url = `https://github.com/lagoon-works/registry-policy/pull/1#issuecomment-${younger.id}`
    expect(await put(saying('new'))).toMatchObject({
      kind: 'updated',
      id: older.id,
      notes: [`two runs have commented at the same time, and the younger comment, ${url}, is removed`],
    })
    expect(said()).toEqual([
      [BOT, 'new'],
      ['jo', 'Why are there two?'],
    ])
  })

  test('one that can’t be removed is told of', async () => {
    comment(BOT, `${MARK}\nolder`)
    comment(BOT, `${MARK}\nyounger`)
    lab.standIn.faults.inject({ method: 'DELETE', fault: { kind: 'error', status: 403, message: 'No' } })
    expect(await put(saying('new'))).toMatchObject({
      kind: 'updated',
      notes: [expect.stringMatching(/^two runs .* cannot be removed: DELETE .*answered 403 \(No\)/)],
    })
    expect(said().map(([, text]) => text)).toEqual(['new', 'younger'])
  })

  test('another makes one between our look and ours: theirs is older, and says what we say', async () => {
    let theirs: Comment | undefined
    const racing: Sticky = {
      isIt,
      text: () => {
        theirs ??= comment(BOT, `${MARK}\ntheirs`)
        return `${MARK}\nours`
      },
    }
    const outcome = await put(racing)
    expect(outcome).toMatchObject({
      kind: 'updated',
      id: theirs?.id,
      notes: [expect.stringContaining('is removed')],
    })
    expect(said()).toEqual([[BOT, 'ours']])
  })

  test('another makes one between our look and ours, and theirs is of a later run: ours goes', async () => {
    let theirs: Comment | undefined
    const racing: Sticky = {
      isIt,
      text: (now) => {
        theirs ??= comment(BOT, `${MARK}\nlater`)
        return now === undefined ? `${MARK}\nours` : undefined
      },
    }
    expect(await put(racing)).toEqual({ kind: 'left' })
    expect(said()).toEqual([[BOT, 'later']])
  })

  test('many at the same time end with one', async () => {
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map((run) => put(saying(`run ${run}`), lab.as({}).github)),
    )
    expect(outcomes.map(({ kind }) => kind)).not.toContain('failed')
    expect(said()).toHaveLength(1)
    await put(saying('last'))
    expect(said()).toEqual([[BOT, 'last']])
  })

  test('one that isn’t in the list yet isn’t made again', async () => {
    const { comments } = lab.repository
    const late: Sticky = {
      isIt: (text) => {
        // As a list that is some moments behind.
        return isIt(text) && comments.some(({ body }) => body === 'listed')
      },
      text: () => `${MARK}\nplan`,
    }
    expect(await put(late)).toMatchObject({ kind: 'created' })
    expect(said()).toEqual([[BOT, 'plan']])
  })
})
