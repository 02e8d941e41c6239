// Tokens of a service at another origin: asked for once, kept, replaced, widened; and who never gets the password.
import { inspect } from 'node:util'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test } from '@jest/globals'
import { selfSigned, type Certificate } from '../helpers/certificate.ts'
import { serve, type Answering, type Server } from '../helpers/server.ts'
import { complaintOf, registryAt, type RegistryClientOptions } from './client.ts'
import { digestOf, image, push } from './images.ts'

const SECRET = 'pässword: that+nobody/should=see'
const CREDENTIALS = { username: 'mover', password: SECRET }
const BASIC = `Basic ${Buffer.from(`mover:${SECRET}`).toString('base64')}`
const IMAGE = image('some')
const open: { close: () => Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

interface Issued {
  readonly token: string
  readonly scopes: readonly string[]
}

interface Scene {
  readonly tokens: Server
  readonly registry: Server
  readonly issued: readonly Issued[]
  /** Tokens that the registry takes no more. */
  readonly revoked: Set<string>
  /** What was asked of both, with the kind of authorization. */
  readonly log: readonly string[]
}

interface Rules {
  /** What the token service says besides the token. */
  readonly answer?: (token: string) => object
  /** What a request takes in place of a token for what it is thought to take. */
  readonly takes?: string
  readonly refusal?: number
  readonly service?: string | undefined
  readonly secure?: Certificate
  readonly tokensSecure?: Certificate
}

/** A registry that wants tokens of a service elsewhere, and has one image. */
async function scene(rules: Rules = {}): Promise<Scene> {
  const { answer = (token: string) => ({ token, expires_in: 300 }), takes, refusal = 401 } = rules
  const issued: Issued[] = []
  const revoked = new Set<string>()
  const log: string[] = []
  const kindOf = (header = ''): string =>
    header === '' ? '' : ` ${header === BASIC ? 'the password' : header}`
  const tokens = await serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://tokens')
    const scopes = searchParams.getAll('scope')
    searchParams.delete('scope')
    log.push(
      `${pathname}?${searchParams.toString()} for ${scopes.join(' ')}${kindOf(request.headers.authorization)}`,
    )
    const token = `token-${issued.length + 1}`
    issued.push({ token, scopes })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(token)))
  }, rules.tokensSecure)
  open.push(tokens)
  const registry = await serve((request, response) => {
    const { method = '', url = '', headers } = request
    log.push(`${method} ${url}${kindOf(headers.authorization)}`)
    const [, name = ''] = /^\/v2\/(.+)\/(?:tags|manifests|blobs)\//.exec(url) ?? []
    const rights = method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push'
    const needs = name === '' ? '' : (takes ?? `repository:${name}:${rights}`)
    const token = issued.find((one) => headers.authorization === `Bearer ${one.token}`)
    const enough = needs.split(' ').every((need) => need === '' || token?.scopes.includes(need) === true)
    if (token === undefined || revoked.has(token.token) || !enough) {
      const { service = 'the registry' } = rules
      const error = token === undefined || enough ? '' : ',error="insufficient_scope"'
      const scope = needs === '' ? '' : `,scope="${needs}"`
      const challenge = `Bearer realm="${tokens.url}/token?via=x",service="${service}"${scope}${error}`
      response.writeHead(token === undefined || revoked.has(token.token) ? 401 : refusal, {
        'www-authenticate': challenge,
      })
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
      return
    }
    response.writeHead(200, { 'docker-content-digest': IMAGE.digest, 'content-type': IMAGE.mediaType })
    response.end(url.includes('/tags/') ? '{"tags":["v1"]}' : undefined)
  }, rules.secure)
  open.push(registry)
  return { tokens, registry, issued, revoked, log }
}

function client(
  { registry }: Scene,
  options: RegistryClientOptions = { credentials: CREDENTIALS },
): ReturnType<typeof registryAt> {
  const made = registryAt(registry.url, options)
  open.unshift(made)
  return made
}

const HEAD = 'HEAD /v2/team/app/manifests/v1'
const PULL = 'repository:team/app:pull'
const FOR_PULL = `/token?via=x&service=the+registry for ${PULL}`

describe('a token', () => {
  test('is asked for with the password, and used for all that it is good for', async () => {
    const at = await scene()
    const { registry } = client(at)
    await registry.probe()
    await Promise.all([registry.digestOf('team/app', 'v1'), registry.digestOf('team/app', 'v1')])
    await registry.tags('team/app')
    await registry.digestOf('team/other', 'v1')
    expect(at.log).toEqual([
      'GET /v2/',
      '/token?via=x&service=the+registry for  the password',
      'GET /v2/ Bearer token-1',
      `${FOR_PULL} the password`,
      `${HEAD} Bearer token-2`,
      `${HEAD} Bearer token-2`,
      'GET /v2/team/app/tags/list?n=1000 Bearer token-2',
      '/token?via=x&service=the+registry for repository:team/other:pull the password',
      'HEAD /v2/team/other/manifests/v1 Bearer token-3',
    ])
  })

  test('to push and to mount is another one', async () => {
    const at = await scene()
    const { registry } = client(at)
    await complaintOf(
      registry.putManifest('team/app', 'v1', IMAGE.digest, { ...IMAGE, bytes: IMAGE.bytes }),
    ).catch(() => undefined)
    await complaintOf(registry.mountBlob('team/app', IMAGE.digest, 'team/from'))
    expect(at.issued.map(({ scopes }) => scopes)).toEqual([
      ['repository:team/app:pull,push'],
      ['repository:team/app:pull,push', 'repository:team/from:pull'],
    ])
  })

  test('nobody gets one too', async () => {
    const at = await scene()
    const { registry } = client(at, {})
    expect(await registry.tags('team/app')).toEqual(['v1'])
    expect(at.log).toEqual(['GET /v2/', FOR_PULL, 'GET /v2/team/app/tags/list?n=1000 Bearer token-1'])
  })

  test.each<readonly [string, (token: string) => object]>([
    ['token', (token) => ({ token })],
    ['access_token', (token) => ({ access_token: token, expires_in: null })],
    ['access_token beside an empty token', (token) => ({ token: '', access_token: token })],
    ['both', (token) => ({ token, access_token: 'another' })],
  ])('is found as %s', async (_name, answer) => {
    const at = await scene({ answer })
    expect(await client(at).registry.tags('team/app')).toEqual(['v1'])
  })

  test.each<readonly [string, () => object, string]>([
    [
      'none',
      () => ({ expires_in: 300 }),
      'has no token in it; is this the token service that the registry should name?',
    ],
    [
      'one in two lines',
      () => ({ token: 'a\r\nx: y' }),
      'has no token in it; is this the token service that the registry should name?',
    ],
    [
      'a number',
      () => ({ token: 5 }),
      'has 5 as `token`: Invalid type: Expected string but received 5; is this a registry?',
    ],
  ])('%s is no token', async (_what, answer, words) => {
    const at = await scene({ answer })
    const { message } = await complaintOf(client(at).registry.tags('team/app'))
    expect(message).toBe(`GET ${at.tokens.url}/token: the answer ${words}`)
  })

  test('that expires is replaced shortly before', async () => {
    const at = await scene({ answer: (token) => ({ token, expires_in: 2 }) })
    const { registry } = client(at)
    await registry.digestOf('team/app', 'v1')
    await registry.digestOf('team/app', 'v1')
    // With a fifth of its two seconds left.
    await setTimeout(1650)
    await registry.digestOf('team/app', 'v1')
    expect(at.log).toEqual([
      'GET /v2/',
      `${FOR_PULL} the password`,
      `${HEAD} Bearer token-1`,
      `${HEAD} Bearer token-1`,
      `${FOR_PULL} the password`,
      `${HEAD} Bearer token-2`,
    ])
  })

  test('that is refused is replaced once', async () => {
    const at = await scene()
    const { registry } = client(at)
    await registry.digestOf('team/app', 'v1')
    at.revoked.add('token-1')
    await registry.digestOf('team/app', 'v1')
    expect(at.log.slice(3)).toEqual([
      `${HEAD} Bearer token-1`,
      `${FOR_PULL} the password`,
      `${HEAD} Bearer token-2`,
    ])
    at.revoked.add('token-2').add('token-3')
    const { message } = await complaintOf(registry.digestOf('team/app', 'v1'))
    expect(message).toBe(
      `HEAD ${at.registry.url}/v2/team/app/manifests/v1: answered 401; the account may not pull there, or there is no such project; check both, and mirror-username and mirror-password`,
    )
    expect(at.log.slice(6)).toEqual([
      `${HEAD} Bearer token-2`,
      `${FOR_PULL} the password`,
      `${HEAD} Bearer token-3`,
    ])
  })

  test.each([401, 403])(
    'for more is asked for where %d says that it takes more, and from then on',
    async (refusal) => {
      const at = await scene({ takes: `${PULL} repository:team/base:pull`, refusal })
      const { registry } = client(at)
      await registry.digestOf('team/app', 'v1')
      await registry.digestOf('team/app', 'v1')
      expect(at.log).toEqual([
        'GET /v2/',
        `${FOR_PULL} the password`,
        `${HEAD} Bearer token-1`,
        `${FOR_PULL} repository:team/base:pull the password`,
        `${HEAD} Bearer token-2`,
        `${HEAD} Bearer token-2`,
      ])
    },
  )

  test('a service that has to try again', async () => {
    let nth = 0
    const at = await scene()
    const faulty = await serve((_request, response) => {
      nth += 1
      if (nth === 1) response.writeHead(503, { 'retry-after': '0' }).end()
      else response.writeHead(200).end('{"token":"token-1"}')
    })
    open.push(faulty)
    const registry = await serve((request, response) => {
      if (request.headers.authorization === 'Bearer token-1') response.writeHead(200).end('{"tags":["v1"]}')
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="${faulty.url}/"` }).end()
    })
    open.push(registry)
    const one = client({ ...at, registry })
    expect(await one.registry.tags('team/app')).toEqual(['v1'])
    expect(one.retries).toEqual([
      `GET ${faulty.url}/: answered 503; the mirror registry or a proxy in front of it is not ready`,
    ])
  })
})

describe('the password', () => {
  const certificate = selfSigned('IP:127.0.0.1')

  test('goes to a service with https, wherever it is', async () => {
    const at = await scene({ secure: certificate, tokensSecure: certificate })
    const { registry } = client(at, { credentials: CREDENTIALS, ca: certificate.cert })
    expect(await registry.tags('team/app')).toEqual(['v1'])
    expect(at.log[1]).toBe(`${FOR_PULL} the password`)
  })

  test('never goes to one without where the registry has https', async () => {
    const at = await scene({ secure: certificate })
    const { registry } = client(at, { credentials: CREDENTIALS, ca: certificate.cert })
    const error = await complaintOf(registry.probe())
    expect([error.code, error.message]).toEqual([
      'INSECURE_REALM',
      `GET ${at.registry.url}/v2/: names ${at.tokens.url} as its token service, where anybody on the way can read the password; have it name the service by https`,
    ])
    expect(at.log).toEqual(['GET /v2/'])
  })

  const toElsewhere: readonly (readonly [string, (elsewhere: string) => Answering])[] = [
    [
      'a registry with Basic',
      (elsewhere) => (request, response) => {
        if (request.headers.authorization === undefined) {
          response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
        } else response.writeHead(307, { location: `${elsewhere}/v2/team/app/tags/list` }).end()
      },
    ],
    [
      'a token service',
      (elsewhere) => (request, response) => {
        const realm = `http://${request.headers.host ?? ''}/token`
        if (request.url?.startsWith('/token') === true) response.writeHead(302, { location: elsewhere }).end()
        else response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end()
      },
    ],
  ]
  test.each(toElsewhere)('never follows a redirect of %s to another origin', async (_who, answering) => {
    const elsewhere = await serve((_request, response) => response.end('{"tags":["theirs"]}'))
    const server = await serve(answering(elsewhere.url))
    open.push(elsewhere, server)
    const made = registryAt(server.url, { credentials: CREDENTIALS })
    open.unshift(made)
    const error = await complaintOf(made.registry.tags('team/app'))
    expect(error.code).toBe('REDIRECT')
    expect(error.message).toMatch(
      /: redirects to http:\/\/127\.0\.0\.1:\d+, which gets no credentials; if that is the mirror registry, give it as mirror-registry$/,
    )
    expect(elsewhere.requests).toEqual([])
  })

  test('isn’t with a blob that is in storage elsewhere, nor back from there', async () => {
    const at: { blob?: string } = {}
    const server = await serve((request, response) => {
      const { authorization } = request.headers
      if (request.url === '/back') response.writeHead(authorization === undefined ? 200 : 500).end()
      else if (authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      } else response.writeHead(307, { location: at.blob ?? '' }).end()
    })
    const storage = await serve((request, response) => {
      if (request.headers.authorization !== undefined) response.writeHead(500).end()
      else if (request.url === '/gone?signature=secret') response.writeHead(404).end()
      else response.writeHead(307, { location: `${server.url}/back` }).end()
    })
    open.push(server, storage)
    const { registry, close } = registryAt(server.url, { credentials: CREDENTIALS })
    open.unshift({ close })
    at.blob = `${storage.url}/there?signature=secret`
    expect(await registry.hasBlob('team/app', IMAGE.digest)).toBe(true)
    at.blob = `${storage.url}/gone?signature=secret`
    expect(await registry.hasBlob('team/app', IMAGE.digest)).toBe(false)
    expect([...server.requests, ...storage.requests].map(({ url }) => url)).toEqual([
      '/v2/',
      `/v2/team/app/blobs/${IMAGE.digest}`,
      '/back',
      `/v2/team/app/blobs/${IMAGE.digest}`,
      '/there?signature=secret',
      '/gone?signature=secret',
    ])
  })

  test('storage without https is no place for blobs of a registry with it', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:9/blob' }).end()
    }, certificate)
    open.push(server)
    const { registry, close } = registryAt(server.url, { ca: certificate.cert })
    open.unshift({ close })
    const { message } = await complaintOf(registry.hasBlob('team/app', IMAGE.digest))
    expect(message).toMatch(
      /redirects from https to http:\/\/127\.0\.0\.1:9, where anybody on the way can read along/,
    )
  })

  test('and tokens are in no error, however it is looked at', async () => {
    const at = await scene()
    const one = client(at)
    await one.registry.probe()
    for (const { token } of [...at.issued, { token: 'token-2' }, { token: 'token-3' }]) at.revoked.add(token)
    const errors = [
      await complaintOf(one.registry.digestOf('team/app', 'v1')),
      await complaintOf(push(one.registry, 'team/app', IMAGE)),
      await complaintOf(registryAt('http://127.0.0.1:9', { credentials: CREDENTIALS }).registry.probe()),
    ]
    const shown = inspect(errors, { depth: 20, showHidden: true }) + one.retries.join('\n')
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toContain(BASIC.slice('Basic '.length))
    expect(shown).not.toContain('token-')
  })
})

describe('Basic', () => {
  test('is sent where that is what the registry wants, from the first request that it concerns', async () => {
    const seen: unknown[] = []
    const server = await serve((request, response) => {
      const { authorization } = request.headers
      seen.push([request.url, authorization === BASIC])
      if (authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      } else response.end('{"tags":["v1"]}')
    })
    open.push(server)
    const { registry, close } = registryAt(server.url, { credentials: CREDENTIALS })
    open.unshift({ close })
    await registry.tags('team/app')
    await registry.tags('team/app')
    expect(seen).toEqual([
      ['/v2/', false],
      ['/v2/team/app/tags/list?n=1000', true],
      ['/v2/team/app/tags/list?n=1000', true],
    ])
  })

  test('a registry that lets anybody read gets it when it asks for it', async () => {
    const seen: unknown[] = []
    const bytes = Buffer.from('{}')
    const server = await serve((request, response) => {
      const { method = '', headers } = request
      seen.push([method, request.url, headers.authorization === BASIC])
      const reads = method === 'GET' || method === 'HEAD'
      if (reads) response.end('{"tags":[]}')
      else if (headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      } else response.writeHead(method === 'POST' ? 202 : 201, { location: '/up/1?state=a%2Bb' }).end()
    })
    open.push(server)
    const { registry, close } = registryAt(server.url, { credentials: CREDENTIALS })
    open.unshift({ close })
    await registry.tags('team/app')
    await registry.uploadBlob('team/app', digestOf(bytes), bytes)
    await registry.tags('team/app')
    expect(seen).toEqual([
      ['GET', '/v2/', false],
      ['GET', '/v2/team/app/tags/list?n=1000', false],
      ['POST', '/v2/team/app/blobs/uploads/', false],
      ['POST', '/v2/team/app/blobs/uploads/', true],
      ['PUT', `/up/1?state=a%2Bb&digest=${encodeURIComponent(digestOf(bytes))}`, true],
      ['GET', '/v2/team/app/tags/list?n=1000', true],
    ])
  })
})
