/** @jest-environment ./__tests__/helpers/environment.mjs */
// How GitHub is asked: with what, how often, and whom.
import { once } from 'node:events'
import { createServer as createProxy } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import * as v from 'valibot'
import { parseJson } from '../../stand-in/state/json.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { inTurn, serve, type Answering, type Reply, type Server } from '../helpers/server.ts'
import { clientOf, errorOf, REPOSITORY, startLab, TOKEN, type ClientOptions, type Lab } from './lab.ts'

const NEEDS = 'contents: read'
const anything = v.unknown()
const rows = v.array(v.object({ id: v.number() }))
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

async function serving(...options: Parameters<typeof serve>): Promise<Server> {
  const server = await serve(...options)
  open.push(server)
  return server
}

function client(url: string, options: ClientOptions = {}): ReturnType<typeof clientOf> {
  const made = clientOf(url, options)
  open.unshift(made)
  return made
}

const answering = (...replies: readonly Reply[]): Promise<Server> => serving(inTurn(...replies))
const message = (words: string): string =>
  JSON.stringify({ message: words, documentation_url: 'https://x.example' })

describe('every request', () => {
  test('says who asks, by which version, and with whose token', async () => {
    const server = await answering({ body: '{}' })
    await client(server.url).api.read('/user', anything, NEEDS)
    expect(server.requests[0]?.headers).toMatchObject({
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${TOKEN}`,
      'user-agent': 'harbor-dredge/test',
      'x-github-api-version': '2022-11-28',
    })
  })

  test.each(['', 'two words', 'line\nend', 'pässword'])('%j is no token, and isn’t sent', async (token) => {
    const server = await answering({ body: '{}' })
    const error = await errorOf(client(server.url, { token }).api.read('/user', anything, NEEDS))
    expect([error.trouble, error.message]).toEqual([
      'token',
      `GET ${server.url}/user: not sent: github-token is empty or no token`,
    ])
    expect(server.requests).toEqual([])
  })

  test('goes to the API where it is: GraphQL is beside it on a GitHub Enterprise Server', async () => {
    const server = await answering({ body: '{}' })
    for (const [url, path] of [
      [server.url, '/graphql'],
      [`${server.url}/api/v3`, '/api/graphql'],
    ] as const) {
      const { api } = client(url)
      await api.read('/user', anything, NEEDS)
      await api.query('query { viewer { login } }', anything)
      const [rest, graphql] = server.requests.slice(-2)
      expect([rest?.url, graphql?.url]).toEqual([`${new URL(url).pathname.replace(/\/$/, '')}/user`, path])
    }
  })
})

describe('what an answer says', () => {
  test.each<[string, Reply, string, string]>([
    [
      'a wrong token',
      { status: 401, body: message('Bad credentials') },
      'token',
      'answered 401 (Bad credentials); check github-token; the one that a job gets ends with the job',
    ],
    [
      'no right',
      { status: 403, body: message('Resource not accessible by integration') },
      'rights',
      'answered 403 (Resource not accessible by integration); the token needs `contents: read` (`permissions` of the job); on pull requests from forks, and Dependabot’s, it can only read, whatever the workflow says',
    ],
    [
      'a locked conversation',
      { status: 403, body: message('Unable to create comment because issue is locked.') },
      'locked',
      'answered 403 (Unable to create comment because issue is locked.); unlock the conversation',
    ],
    [
      'an archive',
      { status: 403, body: message('Repository was archived so is read-only.') },
      'rights',
      'answered 403 (Repository was archived so is read-only.)',
    ],
    [
      'nothing there',
      { status: 404, body: message('Not Found') },
      'absent',
      'answered 404 (Not Found); it is not there, or the token may not see it: that takes `contents: read` (`permissions` of the job)',
    ],
    [
      'a version that is gone',
      { status: 410, body: message('This API version is no longer supported') },
      'absent',
      'answered 410 (This API version is no longer supported)',
    ],
    [
      'something that GitHub doesn’t take',
      {
        status: 422,
        body: JSON.stringify({
          message: 'Validation Failed',
          errors: [{ resource: 'IssueComment', code: 'custom', message: 'Body is too long' }, 'and\nmore'],
        }),
      },
      'refused',
      'answered 422 (Validation Failed: Body is too long: and more)',
    ],
    ['nothing that is known', { status: 418, body: '' }, 'unexpected', 'answered 418'],
    [
      'a page of something in between',
      { status: 407, body: '<html>Proxy</html>' },
      'unexpected',
      'answered 407 (an HTML page, not from the API)',
    ],
    [
      'words without end',
      { status: 422, body: message('x'.repeat(5000)) },
      'refused',
      `answered 422 (${'x'.repeat(300)})`,
    ],
    [
      'a page instead of JSON',
      { status: 200, body: '<html>' },
      'unexpected',
      'answered with an HTML page; is GITHUB_API_URL the address of GitHub itself?',
    ],
    [
      'other fields',
      { status: 200, body: '[{"id":"1"}]' },
      'unexpected',
      'the answer has "1" as `0.id`: Invalid type: Expected number but received "1"; is GITHUB_API_URL the address of GitHub’s API?',
    ],
  ])('%s', async (_, reply, trouble, words) => {
    const server = await answering(reply)
    const error = await errorOf(client(server.url).api.read('/things', rows, NEEDS))
    expect([error.trouble, error.message]).toEqual([trouble, `GET ${server.url}/things: ${words}`])
    expect(server.requests).toHaveLength(1)
  })

  test('never has the token in it', async () => {
    const server = await answering({ status: 401, body: message('Bad credentials') })
    const error = await errorOf(client(server.url).api.read('/user', anything, NEEDS))
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain(TOKEN)
  })
})

describe('tried again', () => {
  const passing: readonly (readonly [string, Answering])[] = [
    ['cut before anything came', (request) => request.socket.destroy()],
    [
      'cut in the middle',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('[{"id"', () => response.destroy())
      },
    ],
    ['JSON that ends too early', (_request, response) => response.end('[{"id":1},{"id"')],
    ...[500, 502, 503, 504, 408].map(
      (status) => [`answered ${status}`, inTurn({ status, body: '<html>' })] as const,
    ),
    [
      'a limit that is over right away',
      inTurn({ status: 429, headers: { 'retry-after': '0' }, body: message('secondary rate limit') }),
    ],
  ]

  test.each(passing)('%s', async (_, fail) => {
    const server = await serving((request, response, nth) => {
      if (nth < 3) fail(request, response, nth)
      else response.end('[{"id":1}]')
    })
    const { api, retries } = client(server.url)
    await expect(api.read('/things', rows, NEEDS)).resolves.toEqual([{ id: 1 }])
    expect(retries).toHaveLength(2)
  })

  test.each(passing)('%s: only so often', async (_, fail) => {
    const server = await serving(fail)
    await errorOf(client(server.url).api.read('/things', rows, NEEDS))
    expect(server.requests).toHaveLength(4)
  })

  test('an answer that doesn’t come is given up', async () => {
    const server = await serving((_request, response, nth) => {
      if (nth > 1) response.end('[]')
    })
    const { api, retries } = client(server.url, { waits: { answer: 0.05, rest: 0.05 } })
    await expect(api.read('/things', rows, NEEDS)).resolves.toEqual([])
    expect(retries.map(({ error }) => error.message)).toEqual([
      `GET ${server.url}/things: no answer: no answer within 0.05 s; https://www.githubstatus.com may know of it, or the administrator of your GitHub`,
    ])
  })

  test.each(['PATCH', 'DELETE'] as const)('%s, which does no harm twice', async (method) => {
    const server = await serving((request, response, nth) => {
      if (nth < 3) request.socket.destroy()
      else response.end('{}')
    })
    const { api } = client(server.url)
    if (method === 'DELETE') await api.remove('/things/1', NEEDS)
    else await api.change({ method, path: '/things/1', body: { a: 1 }, needs: NEEDS, again: true }, anything)
    expect(server.requests.map((request) => request.method)).toEqual([method, method, method])
  })

  test.each(passing.filter(([name]) => !name.includes('limit')))(
    'not what may have been done, after %s',
    async (_, fail) => {
      const server = await serving(fail)
      const { api } = client(server.url)
      const change = { method: 'POST', path: '/things', body: { a: 1 }, needs: NEEDS, again: false } as const
      const error = await errorOf(api.change(change, rows))
      expect([server.requests.length, error.isUnclear, error.mayPass]).toEqual([1, true, true])
    },
  )

  test('what was refused for a limit wasn’t done', async () => {
    const limit = { status: 403, headers: { 'retry-after': '0' }, body: message('secondary rate limit') }
    const server = await answering(limit, limit, { status: 201, body: '{}' })
    const { api } = client(server.url)
    await api.change({ method: 'POST', path: '/things', body: {}, needs: NEEDS, again: false }, anything)
    expect(server.requests).toHaveLength(3)
  })

  test.each<[string, Reply]>([
    [
      'for the rest of the hour',
      {
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '99999999999' },
        body: message('API rate limit exceeded for installation ID 1.'),
      },
    ],
    [
      'for longer than anybody waits',
      { headers: { 'retry-after': '300' }, body: message('secondary rate limit') },
    ],
    ['for who knows how long', { body: message('secondary rate limit') }],
  ])('not while a limit holds %s: who does may be banned', async (_, reply) => {
    const server = await answering({ status: 403, ...reply })
    const error = await errorOf(client(server.url).api.read('/things', rows, NEEDS))
    expect([error.trouble, server.requests.length]).toEqual(['limit', 1])
    expect(error.message).toMatch(/answered 403 \(.*rate limit.*\); run it again in \d+[mhd]: by then/)
  })

  test.each([
    [
      'http://127.0.0.1:1',
      4,
      'nothing listens there; check host and port in GITHUB_API_URL, and that GitHub runs',
    ],
    ['http://github.invalid', 1, 'the host has no address; check the host in GITHUB_API_URL'],
  ])('nobody at %s', async (url, tries, words) => {
    const { api, retries } = client(url)
    const error = await errorOf(api.read('/things', rows, NEEDS))
    expect([error.trouble, error.message, retries.length + 1]).toEqual([
      'unreachable',
      `GET ${url}/things: no answer: ${words}`,
      tries,
    ])
  })
})

describe('pages', () => {
  const next = (url: string): Record<string, string> => ({
    link: `<${url}>; rel="next", <${url}0>; rel="last"`,
  })

  test('are read to the last, as each says where it goes on', async () => {
    const server = await answering(
      { headers: next('/repositories/1/things?page=2&per_page=1'), body: '[{"id":1}]' },
      { headers: next('/repositories/1/things?page=3&per_page=1'), body: '[]' },
      { body: '[{"id":3}]' },
    )
    expect(await client(server.url).api.readAll('/things?per_page=1', rows, NEEDS)).toEqual([
      { id: 1 },
      { id: 3 },
    ])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/things?per_page=1',
      '/repositories/1/things?page=2&per_page=1',
      '/repositories/1/things?page=3&per_page=1',
    ])
  })

  test('are asked of the same server, whatever they name: nobody else gets the token', async () => {
    const elsewhere = await answering({ body: '[]' })
    const server = await answering(
      { headers: next(`${elsewhere.url}/api/v3/things?page=2`) },
      { body: '[{"id":2}]' },
    )
    expect(await client(`${server.url}/api/v3`).api.readAll('/things', rows, NEEDS)).toEqual([{ id: 2 }])
    expect(elsewhere.requests).toEqual([])
    expect(server.requests.map(({ url }) => url)).toEqual(['/api/v3/things', '/api/v3/things?page=2'])
  })

  test('that fail are tried again, each by itself', async () => {
    const bad = { status: 502, body: '<html>' }
    const server = await answering({ headers: next('/things?page=2'), body: '[{"id":1}]' }, bad, bad, {
      body: '[{"id":2}]',
    })
    expect(await client(server.url).api.readAll('/things', rows, NEEDS)).toEqual([{ id: 1 }, { id: 2 }])
    expect(server.requests).toHaveLength(4)
  })

  test('half a list is none', async () => {
    const server = await answering(
      { headers: next('/things?page=2') },
      { status: 404, body: message('Not Found') },
    )
    expect((await errorOf(client(server.url).api.readAll('/things', rows, NEEDS))).trouble).toBe('absent')
  })

  test('that go round in circles have no end', async () => {
    const server = await answering({ headers: next('/things') })
    const { message: words } = await errorOf(client(server.url).api.readAll('/things', rows, NEEDS))
    expect([words, server.requests.length]).toEqual([
      `GET ${server.url}/things: the list goes round in circles: its next page (Link) is one that was read already`,
      1,
    ])
  })

  test('without end have one', async () => {
    const server = await serving((_request, response, nth) => {
      response.writeHead(200, next(`/things?page=${nth + 1}`)).end('[]')
    })
    const { message: words } = await errorOf(client(server.url).api.readAll('/things', rows, NEEDS))
    expect([words.split(': ').at(-1), server.requests.length]).toEqual([
      'the list has more than 500 pages',
      500,
    ])
  })
})

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('%d of a read is followed at the same server', async (status) => {
    const server = await answering(
      { status, headers: { location: '/repositories/7/things' } },
      { body: '[{"id":7}]' },
    )
    expect(await client(server.url).api.read('/things', rows, NEEDS)).toEqual([{ id: 7 }])
    expect(server.requests.map(({ url }) => url)).toEqual(['/things', '/repositories/7/things'])
  })

  test.each([307, 308])('%d has a change sent again as it is', async (status) => {
    const server = await answering(
      { status, headers: { location: '/repositories/7/things' } },
      { status: 201, body: '{}' },
    )
    const { api } = client(server.url)
    await api.change(
      { method: 'POST', path: '/things', body: { a: 1 }, needs: NEEDS, again: false },
      anything,
    )
    expect(server.requests.map((request) => [request.method, request.url])).toEqual([
      ['POST', '/things'],
      ['POST', '/repositories/7/things'],
    ])
  })

  test.each([301, 302, 303])('%d of a change isn’t followed: it would be another request', async (status) => {
    const server = await answering({ status, headers: { location: '/other' } })
    const { api } = client(server.url)
    const change = { method: 'PATCH', path: '/things', body: {}, needs: NEEDS, again: true } as const
    const error = await errorOf(api.change(change, anything))
    expect(error.message).toContain('redirects a request that changes something')
    expect(server.requests).toHaveLength(1)
  })

  test('elsewhere nobody gets the token', async () => {
    const elsewhere = await answering({ body: '[]' })
    const server = await answering({ status: 302, headers: { location: `${elsewhere.url}/things` } })
    const error = await errorOf(client(server.url).api.read('/things', rows, NEEDS))
    expect([error.trouble, error.message]).toEqual([
      'unexpected',
      `GET ${server.url}/things: redirects to ${elsewhere.url}, which gets no token; is GITHUB_API_URL the address of GitHub’s API?`,
    ])
    expect(elsewhere.requests).toEqual([])
  })

  test.each([
    [{ status: 302 }, 'redirects to nowhere'],
    [{ status: 302, headers: { location: '/things' } }, 'redirects more than 5 times'],
  ])('%j', async (reply, words) => {
    const server = await answering(reply)
    expect((await errorOf(client(server.url).api.read('/things', rows, NEEDS))).message).toContain(words)
  })
})

describe('the way there', () => {
  test('a certificate that nobody vouches for, and its authority given as ca-file', async () => {
    const certificate = selfSigned('IP:127.0.0.1')
    const server = await serving(inTurn({ body: '[]' }), certificate)
    const error = await errorOf(client(server.url).api.read('/things', rows, NEEDS))
    expect(error.message).toBe(
      `GET ${server.url}/things: no answer: its certificate is self-signed; give the certificate of its authority as ca-file`,
    )
    expect(await client(server.url, { ca: certificate.cert }).api.read('/things', rows, NEEDS)).toEqual([])
  })

  test('through the proxy that the environment names, and a proxy that isn’t one', async () => {
    const server = await answering({ body: '[]' })
    const asked: string[] = []
    const proxy = createProxy((socket) => {
      socket.on('error', () => socket.destroy())
      socket.once('data', (head) => {
        asked.push(head.toString('latin1').split('\r\n')[0] ?? '')
        socket.end()
      })
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const address = proxy.address()
    const httpProxy = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
    const proxies = { httpProxy, httpsProxy: '', noProxy: '' }
    const error = await errorOf(client(server.url, { proxies }).api.read('/things', rows, NEEDS))
    proxy.close()
    expect([error.message, server.requests.length]).toEqual([
      `GET ${server.url}/things: no answer: the connection was cut; a proxy or GitHub itself closed it; its log may say why`,
      0,
    ])
    expect(asked).toEqual(Array.from({ length: 4 }, () => `CONNECT ${new URL(server.url).host} HTTP/1.1`))
  })
})

describe('against the stand-in', () => {
  let lab: Lab
  beforeEach(async () => {
    lab = await startLab()
    open.push(lab)
  })

  test('the hour’s requests are used up, and then there are new ones', async () => {
    const { limit } = lab.standIn.state.tokens.get(TOKEN) ?? {}
    if (limit === undefined) throw new Error('no token')
    limit.left = 0
    const spent = await errorOf(lab.github.comments(1))
    expect(spent.message).toMatch(
      /answered 403 \(API rate limit exceeded for installation ID \d+\.\); run it again in (?:1h|\d+m)/,
    )
    // The hour is over.
    limit.resetAt = Math.floor(Date.now() / 1000)
    lab.repository.openPull('main', { author: lab.standIn.state.account('jo') })
    expect(await lab.github.comments(1)).toEqual([])
  })

  test('a repository that got another name is found, and written to', async () => {
    lab.repository.openPull('main', { author: lab.standIn.state.account('jo') })
    const moved = lab.standIn.state.addRepository('lagoon-works/policies', { isPrivate: true })
    moved.openPull('main', { author: lab.standIn.state.account('jo') })
    lab.standIn.state.formerNames.set(REPOSITORY, moved)
    lab.standIn.state.addToken(TOKEN, 'github-actions[bot]', { pull_requests: 'write' })
    const { id } = await lab.github.addComment(1, 'one')
    await lab.github.editComment(id, 'two')
    expect(await lab.github.comments(1)).toMatchObject([{ id, text: 'two' }])
    expect(lab.standIn.requests.map(({ method, status }) => [method, status])).toEqual([
      ['POST', 307],
      ['POST', 201],
      ['PATCH', 307],
      ['PATCH', 200],
      ['GET', 301],
      ['GET', 200],
    ])
    expect(lab.standIn.requests.slice(0, 2).map(({ body }) => parseJson(body))).toEqual([
      { body: 'one' },
      { body: 'one' },
    ])
  })
})
