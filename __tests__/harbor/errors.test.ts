// What each failure is called, what it says, and what it never says.
import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from '@jest/globals'
import * as errors from '../../src/harbor/errors.ts'
import { HARBOR, type Party } from '../../src/harbor/party.ts'
import { mirrorParty } from '../../src/registry/party.ts'
import { clientOf, FAST, type ClientOptions } from '../helpers/connect.ts'
import { harborError, inTurn, serve, type Answering, type Reply, type Server } from '../helpers/server.ts'

const PATH = '/api/v2.0/projects/team-a'
const SECRET = 'pässword: that+nobody/should=see'
const CREDENTIALS = { username: 'robot$team-a+reader', password: SECRET }
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

interface Failure {
  readonly error: errors.HarborError
  readonly requests: number
  readonly retries: readonly string[]
}

async function failure(answer: Answering, options: ClientOptions = {}): Promise<Failure> {
  const server = await serve(answer)
  servers.push(server)
  const { http, retries, close } = clientOf(server.url, { credentials: CREDENTIALS, ...options })
  try {
    await http.read({ path: PATH }, ({ body }) => body)
  } catch (error) {
    if (!(error instanceof errors.HarborError)) throw error
    return {
      error,
      requests: server.requests.length,
      retries: retries.map((retry) => retry.error.code),
    }
  } finally {
    await close()
  }
  throw new Error('it did not fail')
}

const ADVICE = {
  401: '; check harbor-username and harbor-password; a robot may have expired or be disabled',
  403: '; the account may not do this; give it the rights that the README lists',
  429: '; something in front of Harbor limits requests; lower `concurrency`',
  500: "; Harbor's core log has the cause",
  502: '; a proxy in front of Harbor got no answer from it',
  503: '; Harbor or a proxy in front of it is not ready',
  504: '; a proxy in front of Harbor gave up waiting for it; lower `concurrency`',
}

describe('each status has its class, in Harbor’s words and with what to do', () => {
  test.each([
    [400, errors.BadRequest, 'BAD_REQUEST', ''],
    [401, errors.Unauthorized, 'UNAUTHORIZED', ADVICE[401]],
    [403, errors.Forbidden, 'FORBIDDEN', ADVICE[403]],
    [404, errors.NotFound, 'NOT_FOUND', ''],
    [405, errors.MethodNotAllowed, 'METHOD_NOT_ALLOWED', ''],
    [409, errors.Conflict, 'CONFLICT', ''],
    [412, errors.PreconditionFailed, 'PRECONDITION', ''],
    [413, errors.PayloadTooLarge, 'REQUEST_ENTITY_TOO_LARGE', ''],
    [418, errors.UnexpectedAnswer, 'TEAPOT', ''],
    [422, errors.UnprocessableEntity, 'UNPROCESSABLE_ENTITY', ''],
    [429, errors.TooManyRequests, 'TOO_MANY_REQUEST', ADVICE[429]],
    [500, errors.InternalServerError, 'UNKNOWN', ADVICE[500]],
    [502, errors.BadGateway, 'UNKNOWN', ADVICE[502]],
    [503, errors.ServiceUnavailable, 'UNKNOWN', ADVICE[503]],
    [504, errors.GatewayTimeout, 'UNKNOWN', ADVICE[504]],
  ] as const)('%d', async (status, Class, code, advice) => {
    const reply: Reply = {
      status,
      headers: { 'x-request-id': '6f1d-42' },
      body: harborError(code, 'some words of Harbor’s'),
    }
    const failed = await failure(inTurn(reply))
    expect(failed.error).toBeInstanceOf(Class)
    expect(failed.error.name).toBe(Class.name)
    const { code: given, method, path, requestId, message } = failed.error
    expect({ status: failed.error.status, code: given, method, path, requestId, message }).toEqual({
      status,
      code,
      method: 'GET',
      path: PATH,
      requestId: '6f1d-42',
      message: `GET ${PATH}: answered ${status} ${code} (some words of Harbor’s)${advice}`,
    })
    expect(failed.requests).toBe(status >= 429 ? 3 : 1)
  })

  // Cloudflare and other proxies have more of them, RFC 9110 (15.6) lets any 5xx mean that the server failed.
  test.each([408, 505, 507, 520, 522, 524])('%d may pass too', async (status) => {
    const failed = await failure(inTurn({ status, body: '' }))
    expect(failed.requests).toBe(3)
  })
})

describe('412 for an image that a project withholds', () => {
  const words = (party: Party, method: string, path: string): string =>
    errors.errorOf({ method, path, status: 412 }, '', party).message
  const manifest = '/v2/team-a/api/manifests/v1'

  test.each(['GET', 'HEAD'])('%s: what that is and what to do, of Harbor and of the mirror', (method) => {
    expect(words(HARBOR, method, manifest)).toMatch(
      /answered 412; the project's deployment security lets nobody pull this image .*; switch that off in the project/,
    )
    const mirror = words(mirrorParty(false), method, `https://mirror.example${manifest}`)
    expect(mirror).toMatch(/; the project there lets nobody pull .*; switch that off .*, or copy to another/)
    expect(mirror).not.toContain('keeps the tag')
  })

  test('isn’t one for a push, nor for Harbor’s API', () => {
    expect(words(mirrorParty(false), 'PUT', manifest)).toContain('a rule there keeps the tag from changing')
    expect(words(HARBOR, 'PUT', manifest)).toBe(`PUT ${manifest}: answered 412`)
    expect(words(HARBOR, 'GET', '/api/v2.0/users/current')).toBe('GET /api/v2.0/users/current: answered 412')
  })
})

describe('what isn’t Harbor’s own', () => {
  test('a proxy’s page of HTML', async () => {
    const page = '<html>\r\n<head><title>502 Bad Gateway</title></head></html>\r\n'
    const { error, requests } = await failure(
      inTurn({ status: 502, headers: { 'content-type': 'text/html' }, body: page }),
    )
    expect(error).toBeInstanceOf(errors.BadGateway)
    expect([error.code, error.message, requests]).toEqual([
      'HTTP_502',
      `GET ${PATH}: answered 502 (an HTML page, not from Harbor); a proxy in front of Harbor got no answer from it`,
      3,
    ])
  })

  test.each([
    ['nothing', ''],
    ['words', 'upstream connect error'],
    ['JSON of another form', '{"error":"no"}'],
    ['no error in the list', '{"errors":[]}'],
    ['null', 'null'],
  ])('%s', async (_what, body) => {
    const { error } = await failure(inTurn({ status: 400, body }))
    expect([error.code, error.message]).toEqual(['HTTP_400', `GET ${PATH}: answered 400`])
  })

  test('an error with a code and no words, and one with words and no code', async () => {
    const messages = await Promise.all(
      ['{"errors":[{"code":"NOT_FOUND"}]}', '{"errors":[{"message":"gone"}]}'].map(async (body) => {
        const { error } = await failure(inTurn({ status: 404, body }))
        return [error.code, error.message]
      }),
    )
    expect(messages).toEqual([
      ['NOT_FOUND', `GET ${PATH}: answered 404 NOT_FOUND`],
      ['HTTP_404', `GET ${PATH}: answered 404 (gone)`],
    ])
  })

  test('words without end are cut', async () => {
    const { error } = await failure(inTurn({ status: 404, body: harborError('X', 'ab'.repeat(10_000)) }))
    expect(error.message).toBe(`GET ${PATH}: answered 404 X (${'ab'.repeat(150)})`)
  })
})

describe('no secret is in any error, at any depth', () => {
  const encoded = Buffer.from(`${CREDENTIALS.username}:${SECRET}`).toString('base64')
  const cut: Answering = (request) => request.socket.destroy()
  const answers: readonly (readonly [string, Answering])[] = [
    ['401', inTurn({ status: 401, body: harborError('UNAUTHORIZED', 'unauthorized') })],
    ['500', inTurn({ status: 500, body: '' })],
    ['a cut connection', cut],
    ['a redirect elsewhere', inTurn({ status: 302, headers: { location: 'http://elsewhere.example/' } })],
    ['too many redirects', inTurn({ status: 307, headers: { location: PATH } })],
    ['a wrong encoding', inTurn({ headers: { 'content-encoding': 'gzip' }, body: 'no' })],
  ]

  test.each(answers)('%s', async (_what, answer) => {
    const { error } = await failure(answer, { retry: { ...FAST, attempts: 2 } })
    const everything = inspect(error, { depth: Infinity, showHidden: true, getters: true })
    expect(everything).not.toContain(SECRET)
    expect(everything).not.toContain(encoded)
    expect(everything).not.toMatch(/basic /i)
  })
})
