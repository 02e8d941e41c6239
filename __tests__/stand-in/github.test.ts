// The stand-in GitHub, held to what GitHub documents and to what octokit has recorded of it.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Repository } from '../../stand-in/github/repository.ts'
import { startGitHub, type StandInGitHub } from '../../stand-in/github/stand-in.ts'
import { isRecord } from '../../stand-in/state/json.ts'

const NAME = 'lagoon-works/registry-policy'
const REPO = `/repos/${NAME}`
const NOW = Date.parse('2026-11-21T08:00:00Z')
let standIn: StandInGitHub
let repository: Repository

beforeEach(async () => {
  standIn = await startGitHub({ clock: () => NOW })
  repository = standIn.state.addRepository(NAME, { isPrivate: true })
  standIn.state.addToken('job', 'github-actions[bot]', { contents: 'read', pull_requests: 'write' })
  standIn.state.addToken('person', 'mika-h', { pull_requests: 'read' })
  standIn.state.addToken('stranger', 'sam', { contents: 'write', pull_requests: 'write' }, [])
  repository.commit('change', { 'policy.yml': 'a\n' })
  repository.openPull('change', { author: standIn.state.account('mika-h') })
})
afterEach(() => standIn.close())

interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

async function ask(
  path: string,
  {
    method = 'GET',
    token = 'job',
    body,
    headers = {},
  }: { method?: string; token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Asked> {
  const response = await fetch(standIn.url + path, {
    method,
    redirect: 'manual',
    headers: {
      'user-agent': 'test',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: response.status, headers: response.headers, text, json }
}

/** What an answer that refuses says. */
async function refusal(...asked: Parameters<typeof ask>): Promise<readonly [number, unknown]> {
  const { status, json } = await ask(...asked)
  return [status, isRecord(json) ? json['message'] : undefined]
}

describe('who may what', () => {
  const comments = `${REPO}/issues/1/comments`
  const post = { method: 'POST', body: { body: 'x' } }
  test.each<[string, Parameters<typeof ask>, readonly [number, string]]>([
    ['a token that isn’t one', [comments, { token: 'nonsense' }], [401, 'Bad credentials']],
    ['nobody, of what is private', [comments, { token: '' }], [404, 'Not Found']],
    ['a stranger, of what is private', [comments, { token: 'stranger' }], [404, 'Not Found']],
    [
      'an app without the right',
      [`${REPO}/actions/runs/1/approvals`],
      [403, 'Resource not accessible by integration'],
    ],
    [
      'a person without the right',
      [comments, { ...post, token: 'person' }],
      [403, 'Resource not accessible by personal access token'],
    ],
    ['an app, who it is', ['/user'], [403, 'Resource not accessible by integration']],
    [
      'without a name',
      [comments, { headers: { 'user-agent': '' } }],
      [
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
      ],
    ],
    [
      'a version that isn’t one',
      [comments, { headers: { 'x-github-api-version': '1999-01-01' } }],
      [400, '1999-01-01 is not a supported version.'],
    ],
    ['what there isn’t', ['/emojis-of-mine'], [404, 'Not Found']],
  ])('%s', async (_, asked, wanted) => {
    expect(await refusal(...asked)).toEqual(wanted)
  })

  test('a refusal is in GitHub’s form, and says which right is missing', async () => {
    const { json, headers } = await ask(comments, { ...post, token: 'person' })
    expect(json).toEqual({
      message: 'Resource not accessible by personal access token',
      documentation_url: 'https://docs.github.com/rest',
      status: '403',
    })
    expect(headers.get('x-accepted-github-permissions')).toBe('issues=write; pull_requests=write')
  })

  test('what is public can be read by anybody, and written by nobody', async () => {
    const open = standIn.state.addRepository('lagoon-works/open')
    open.commit('main', { a: 'b' })
    expect((await ask('/repos/lagoon-works/open/contents/a', { token: '' })).status).toBe(200)
    expect((await ask('/repos/lagoon-works/open/contents/a', { token: 'stranger' })).status).toBe(200)
    open.openPull('main', { author: standIn.state.account('sam') })
    const path = '/repos/lagoon-works/open/issues/1/comments'
    expect(await refusal(path, { ...post, token: '' })).toEqual([401, 'Requires authentication'])
    expect(await refusal(path, { ...post, token: 'stranger' })).toMatchObject([403, expect.anything()])
  })
})

describe('comments', () => {
  test('are made, read, edited and deleted', async () => {
    const made = await ask(`${REPO}/issues/1/comments`, { method: 'POST', body: { body: '# Hi\r\n' } })
    expect([made.status, made.json]).toMatchObject([
      201,
      {
        body: '# Hi\r\n',
        user: { login: 'github-actions[bot]', type: 'Bot' },
        created_at: '2026-11-21T08:00:00Z',
        performed_via_github_app: { slug: 'github-actions' },
      },
    ])
    const id = repository.comments[0]?.id ?? 0
    const path = `${REPO}/issues/comments/${id}`
    expect(made.headers.get('location')).toBe(standIn.url + path)
    expect((await ask(path, { method: 'PATCH', body: { body: 'Ho' } })).json).toMatchObject({
      id,
      body: 'Ho',
    })
    expect((await ask(path)).json).toMatchObject({ id, body: 'Ho' })
    const gone = await ask(path, { method: 'DELETE' })
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await ask(path, { method: 'PATCH', body: { body: 'Hey' } })).status).toBe(404)
  })

  test('of others can be edited by who may write: a client has to look whose they are', async () => {
    const { id } = repository.comment(1, standIn.state.account('mika-h'), 'mine')
    const { status } = await ask(`${REPO}/issues/comments/${id}`, { method: 'PATCH', body: { body: 'not' } })
    expect([status, repository.comments[0]?.body]).toEqual([200, 'not'])
  })

  test('have pages whose links name the repository by its number', async () => {
    for (let nth = 0; nth < 13; nth += 1) repository.comment(1, null, `${nth}`)
    const links = async (query: string): Promise<string | null> => {
      const { headers } = await ask(`${REPO}/issues/1/comments${query}`)
      return headers.get('link')
    }
    const at = (page: number, rel: string): string =>
      `<${standIn.url}/repositories/${repository.id}/issues/1/comments?per_page=3&page=${page}>; rel="${rel}"`
    expect(await links('')).toBeNull()
    expect(await links('?per_page=3')).toBe([at(2, 'next'), at(5, 'last')].join(', '))
    expect(await links('?per_page=3&page=2')).toBe(
      [at(1, 'prev'), at(3, 'next'), at(5, 'last'), at(1, 'first')].join(', '),
    )
    expect(await links('?per_page=3&page=5')).toBe([at(4, 'prev'), at(1, 'first')].join(', '))
    const { json } = await ask(`/repositories/${repository.id}/issues/1/comments?per_page=3&page=5`)
    expect(json).toMatchObject([{ body: '12', user: null }])
  })

  test.each([
    [{}, 422, 'Validation Failed'],
    [{ body: '' }, 422, 'Validation Failed'],
    [{ body: 'x'.repeat(65_537) }, 422, 'Validation Failed'],
    [[], 400, 'Body should be a JSON object'],
  ])('that aren’t any are refused', async (body, status, message) => {
    expect(await refusal(`${REPO}/issues/1/comments`, { method: 'POST', body })).toEqual([status, message])
  })

  test('can’t be made where it is locked or archived', async () => {
    const post = { method: 'POST', body: { body: 'x' } }
    repository.pull(1).locked = true
    expect(await refusal(`${REPO}/issues/1/comments`, post)).toEqual([
      403,
      'Unable to create comment because issue is locked.',
    ])
    repository.archived = true
    expect(await refusal(`${REPO}/issues/1/comments`, post)).toEqual([
      403,
      'Repository was archived so is read-only.',
    ])
  })
})

describe('contents', () => {
  test('as JSON, in lines of base64', async () => {
    repository.commit('main', { 'folder/a file.txt': 'x'.repeat(100) })
    const { json, headers } = await ask(`${REPO}/contents/folder/a%20file.txt?ref=main`)
    expect(json).toMatchObject({
      name: 'a file.txt',
      path: 'folder/a file.txt',
      type: 'file',
      size: 100,
      encoding: 'base64',
      content: expect.stringMatching(/^[\w=]{60}\n[\w=]{60}\n[\w=]{16}\n$/),
      // git hash-object
      sha: 'f6be7cae2045aac11912ea642bf7f9d5d261f63b',
    })
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  test('raw', async () => {
    const { text, headers } = await ask(`${REPO}/contents/policy.yml?ref=change`, {
      headers: { accept: 'application/vnd.github.raw+json' },
    })
    expect([text, headers.get('content-type')]).toEqual([
      'a\n',
      'application/vnd.github.raw+json; charset=utf-8',
    ])
  })

  test('a folder is a list', async () => {
    repository.commit('main', {
      'folder/a': '1',
      'folder/b/c': '2',
      'folder/d': { kind: 'symlink', target: 'a' },
    })
    expect((await ask(`${REPO}/contents/folder`)).json).toMatchObject([
      { name: 'a', type: 'file', size: 1 },
      { name: 'b', type: 'dir', size: 0 },
      { name: 'd', type: 'symlink' },
    ])
  })

  test.each([
    ['policy.yml?ref=main', 'Not Found'],
    ['policy.yml?ref=nowhere', 'No commit found for the ref nowhere'],
  ])('what isn’t there: %s', async (path, message) => {
    expect(await refusal(`${REPO}/contents/${path}`)).toEqual([404, message])
  })
})

test('a test merge has what both sides changed, file by file', () => {
  repository.commit('main', { same: '1', ours: '1', theirs: '1', both: '1' })
  repository.commit('feature', { theirs: '2', both: '2', same: null })
  repository.commit('main', { ours: '2', both: '3' })
  const { number } = repository.openPull('feature', { author: standIn.state.account('sam') })
  const files = repository.commitAt(repository.testMerge(number))?.files ?? new Map<string, never>()
  const text = [...files].map(
    ([path, entry]) => `${path} ${entry.kind === 'file' ? entry.bytes.toString() : ''}`,
  )
  expect(text.toSorted()).toEqual(['both 2', 'ours 2', 'theirs 2'])
})

describe('limits', () => {
  test('every answer says what is left', async () => {
    const { headers } = await ask(`${REPO}/pulls/1`)
    const limits = ['limit', 'remaining', 'used', 'reset', 'resource']
    expect(limits.map((name) => headers.get(`x-ratelimit-${name}`))).toEqual([
      '1000',
      '999',
      '1',
      String(NOW / 1000 + 3600),
      'core',
    ])
  })

  test('nothing left', async () => {
    const token = standIn.state.tokens.get('job')
    if (token === undefined) throw new Error('no token')
    token.limit.left = 1
    expect((await ask(`${REPO}/pulls/1`)).status).toBe(200)
    const { status, json, headers } = await ask(`${REPO}/pulls/1`)
    expect([status, json, headers.get('x-ratelimit-remaining')]).toMatchObject([
      403,
      { message: `API rate limit exceeded for installation ID ${token.owner.id}.` },
      '0',
    ])
    expect((await ask(`${REPO}/issues/1/comments`, { token: 'person' })).status).toBe(200)
  })

  test.each([undefined, 7])('too much at once, to wait %s', async (retryAfter) => {
    standIn.state.secondary = retryAfter === undefined ? { times: 1 } : { times: 1, retryAfter }
    const { status, json, headers } = await ask(`${REPO}/pulls/1`)
    expect([status, json]).toMatchObject([403, { message: expect.stringContaining('secondary rate limit') }])
    expect(headers.get('retry-after')).toBe(retryAfter === undefined ? null : '7')
    expect((await ask(`${REPO}/pulls/1`)).status).toBe(200)
  })
})

test('a repository that was renamed sends on', async () => {
  standIn.state.formerNames.set('lagoon-works/former', repository)
  const get = await ask('/repos/lagoon-works/former/issues/1/comments?per_page=3')
  expect([get.status, get.headers.get('location'), get.json]).toMatchObject([
    301,
    `${standIn.url}/repositories/${repository.id}/issues/1/comments?per_page=3`,
    { message: 'Moved Permanently' },
  ])
  const { status } = await ask('/repos/lagoon-works/former/issues/comments/1', { method: 'PATCH', body: {} })
  expect(status).toBe(307)
})

test('GraphQL tells who one is, and nothing else', async () => {
  const graphql = async (query: string): Promise<unknown> => {
    return (await ask('/graphql', { method: 'POST', body: { query } })).json
  }
  expect(await graphql('query { viewer { login databaseId } }')).toEqual({
    data: {
      viewer: { login: 'github-actions[bot]', databaseId: standIn.state.account('github-actions[bot]').id },
    },
  })
  expect(await graphql('query { viewer { shoes } }')).toMatchObject({
    errors: [{ message: expect.any(String) }],
  })
  const { status } = await ask('/graphql', { method: 'POST', token: '', body: { query: '' } })
  expect(status).toBe(401)
})

describe('as a GitHub Enterprise Server', () => {
  test('the API is under a path, GraphQL beside it', async () => {
    const server = await startGitHub({ prefix: '/api/v3' })
    server.state.addToken('job', 'github-actions[bot]', {})
    const headers = { authorization: 'Bearer job' }
    const { origin } = new URL(server.url)
    const statuses = [
      (await fetch(`${server.url}/user`, { headers })).status,
      (await fetch(`${origin}/user`, { headers })).status,
      (await fetch(`${origin}/api/graphql`, { method: 'POST', headers, body: '{"query":"{viewer{login}}"}' }))
        .status,
    ]
    await server.close()
    expect([server.url.endsWith('/api/v3'), statuses]).toEqual([true, [403, 404, 200]])
  })
})

describe('faults, as the stand-in Harbor has them', () => {
  const post = { method: 'POST', body: { body: 'x' } } as const
  const path = `${REPO}/issues/1/comments`

  test.each([true, false])('cut, with it done: %s', async (acted) => {
    standIn.faults.inject({ method: 'POST', path: '/comments', fault: { kind: 'cut', acted } })
    await expect(ask(path, post)).rejects.toThrow('fetch failed')
    expect([repository.comments.length, standIn.requests[0]?.status]).toEqual([acted ? 1 : 0, 0])
  })

  test('an error, in GitHub’s form', async () => {
    standIn.faults.inject({ fault: { kind: 'error', status: 422, message: 'Spammed' } })
    expect(await refusal(path)).toEqual([422, 'Spammed'])
    standIn.faults.inject({ fault: { kind: 'error', status: 500, acted: true } })
    expect(await refusal(path, post)).toEqual([500, 'Server Error'])
    expect(repository.comments).toHaveLength(1)
  })

  test('a page of a proxy', async () => {
    standIn.faults.inject({ fault: { kind: 'html', status: 502 } })
    const { status, text } = await ask(path)
    expect([status, text]).toEqual([502, expect.stringMatching(/^<html>[^]*502 Bad Gateway/)])
  })

  test('JSON that ends too early', async () => {
    repository.comment(1, null, 'x')
    standIn.faults.inject({ fault: { kind: 'truncate', bytes: 20, complete: true } })
    expect((await ask(path)).text).toHaveLength(20)
    standIn.faults.inject({ fault: { kind: 'truncate', bytes: 20 } })
    await expect(ask(path)).rejects.toThrow('terminated')
  })

  test('too many requests', async () => {
    standIn.faults.inject({ fault: { kind: 'busy', retryAfter: 3 } })
    const { status, headers } = await ask(path)
    expect([status, headers.get('retry-after')]).toEqual([429, '3'])
  })
})

test('the log has requests whole', async () => {
  await ask(`${REPO}/issues/1/comments?x=1`, { method: 'POST', body: { body: 'ä' } })
  expect(standIn.requests).toMatchObject([
    {
      method: 'POST',
      path: `${REPO}/issues/1/comments?x=1`,
      login: 'github-actions[bot]',
      body: '{"body":"ä"}',
      status: 201,
      headers: { authorization: 'Bearer job' },
    },
  ])
  standIn.resetRequests()
  expect(standIn.requests).toEqual([])
})
