/** @jest-environment ./__tests__/helpers/environment.mjs */
// How requests travel: over few connections that stay open, past proxies, and never with credentials to anyone else.
import { once } from 'node:events'
import { createServer as createProxyServer, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import process from 'node:process'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Agent, request } from 'undici'
import { HarborError, UnexpectedAnswer, Unreachable } from '../../src/harbor/errors.ts'
import { Http } from '../../src/harbor/http.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { clientOf, FAST, type ClientOptions } from '../helpers/connect.ts'
import { Folder } from '../helpers/program.ts'
import { runModule } from '../helpers/script.ts'
import { inTurn, serve, type Answering, type Server } from '../helpers/server.ts'

const PATH = '/api/v2.0/projects'
const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

async function serving(...options: Parameters<typeof serve>): Promise<Server> {
  const server = await serve(...options)
  open.push(server)
  return server
}

async function ask(url: string, options: ClientOptions = {}): Promise<string> {
  const { http, close } = clientOf(url, options)
  try {
    return await http.read({ path: PATH }, ({ body }) => body.toString())
  } finally {
    await close()
  }
}

async function complaint(url: string, options: ClientOptions = {}): Promise<HarborError> {
  try {
    await ask(url, options)
  } catch (error) {
    if (error instanceof HarborError) return error
    throw error
  }
  throw new Error('it did not complain')
}

describe('a connection that is cut', () => {
  test.each<readonly [string, Answering]>([
    ['before anything came', (incoming) => incoming.socket.destroy()],
    [
      'in the middle of the headers',
      (incoming) => incoming.socket.end('HTTP/1.1 200 OK\r\nContent-Type: appl'),
    ],
    [
      'in the middle of an answer of known length',
      (_incoming, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('[{"id"', () => response.destroy())
      },
    ],
    [
      'in the middle of an answer in chunks',
      (_incoming, response) => {
        response.write('[{"id"', () => response.destroy())
      },
    ],
  ])('%s: tried again', async (_when, cut) => {
    const server = await serving((incoming, response, nth) => {
      if (nth < 3) cut(incoming, response, nth)
      else response.end('["whole"]')
    })
    await expect(ask(server.url)).resolves.toBe('["whole"]')
    expect(server.requests).toHaveLength(3)
  })

  test('again and again: told, with what it means', async () => {
    const server = await serving((incoming) => incoming.socket.destroy())
    const error = await complaint(server.url)
    expect(error).toBeInstanceOf(Unreachable)
    expect([error.status, error.message, server.requests.length]).toEqual([
      0,
      `GET ${PATH}: no answer: the connection was cut; a proxy or Harbor itself closed it; its log may say why`,
      FAST.attempts,
    ])
  })
})

describe('429 and its Retry-After', () => {
  test('in seconds: waited for', async () => {
    const server = await serving(inTurn({ status: 429, headers: { 'retry-after': '1' } }, {}))
    const started = performance.now()
    await ask(server.url, { retry: { attempts: 2, pause: 1, longest: 5000 } })
    expect(performance.now() - started).toBeGreaterThanOrEqual(990)
  })

  test('as a date: the pause is what is left until then', async () => {
    const { http, retries, close } = clientOf(
      (
        await serving((_incoming, response, nth) => {
          const date = new Date(Date.now() + 30_000).toUTCString()
          response.writeHead(nth === 1 ? 429 : 200, nth === 1 ? { 'retry-after': date } : {}).end('[]')
        })
      ).url,
      { retry: { attempts: 2, pause: 1, longest: 15 } },
    )
    await http.read({ path: PATH }, () => undefined)
    await close()
    // Capped: what was asked is longer than the longest pause.
    expect(retries.map(({ pause, error }) => [pause, error.retryAfter?.endsWith('GMT')])).toEqual([
      [15, true],
    ])
  })
})

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('%d within the server: followed, signed in', async (status) => {
    const server = await serving((incoming, response) => {
      if (incoming.url === PATH) response.writeHead(status, { location: '/harbor/api?x=%2F' }).end()
      else response.end('["there"]')
    })
    await expect(ask(server.url)).resolves.toBe('["there"]')
    expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      [PATH, 'Basic YWRtaW46SGFyYm9yMTIzNDU='],
      ['/harbor/api?x=%2F', 'Basic YWRtaW46SGFyYm9yMTIzNDU='],
    ])
  })

  test.each([301, 302, 303, 307, 308])(
    '%d to another server: refused, and it isn’t asked',
    async (status) => {
      const other = await serving(inTurn({}))
      const server = await serving(inTurn({ status, headers: { location: `${other.url}/api?token=s3cret` } }))
      const error = await complaint(server.url)
      expect(error).toBeInstanceOf(UnexpectedAnswer)
      expect([error.code, error.message]).toEqual([
        'REDIRECT',
        `GET ${PATH}: redirects to ${other.url}, which gets no credentials; if that is your Harbor, give it as harbor-url`,
      ])
      expect([server.requests.length, other.requests.length]).toEqual([1, 0])
    },
  )

  test('to the same host by another scheme, another port, or another name: another server', async () => {
    const elsewhere = [
      'https://127.0.0.1:PORT/',
      'http://127.0.0.1:1/',
      'http://localhost:PORT/',
      '//[::1]:PORT/',
    ]
    for (const location of elsewhere) {
      const server = await serving((_incoming, response) => {
        response.writeHead(302, { location: location.replace('PORT', String(server.port)) }).end()
      })
      const error = await complaint(server.url)
      expect([location, error.code, server.requests.length]).toEqual([location, 'REDIRECT', 1])
    }
  })

  test('first within, then to another server: refused', async () => {
    const other = await serving(inTurn({}))
    const server = await serving(
      inTurn(
        { status: 302, headers: { location: '/next' } },
        { status: 302, headers: { location: other.url } },
      ),
    )
    expect((await complaint(server.url)).message).toContain(
      `redirects to ${other.url}, which gets no credentials`,
    )
    expect([server.requests.length, other.requests.length]).toEqual([2, 0])
  })

  test('a name and password in the target are neither used nor shown', async () => {
    const server = await serving(
      inTurn({ status: 302, headers: { location: 'http://evil:s3cret@127.0.0.1:1/x' } }),
    )
    expect((await complaint(server.url)).message).not.toMatch(/evil|s3cret/)
  })

  test('in a circle: given up', async () => {
    const server = await serving(inTurn({ status: 302, headers: { location: PATH } }))
    expect((await complaint(server.url)).message).toBe(
      `GET ${PATH}: redirects more than 5 times; check harbor-url`,
    )
    expect(server.requests).toHaveLength(6)
  })

  test('without a target: told so', async () => {
    const server = await serving(inTurn({ status: 302 }))
    expect((await complaint(server.url)).message).not.toContain('redirects more than')
  })
})

test('an answer that doesn’t come is given up, and asked for again', async () => {
  const server = await serving((_incoming, response, nth) => {
    if (nth > 1) response.end('["late"]')
  })
  const dispatcher = new Agent({ headersTimeout: 50 })
  open.push(dispatcher)
  const retries: string[] = []
  const http = new Http({
    url: server.url,
    userAgent: 'test',
    retry: FAST,
    dispatcher,
    onRetry: ({ message }) => retries.push(message),
  })
  await expect(http.read({ path: PATH }, ({ body }) => body.toString())).resolves.toBe('["late"]')
  expect(retries).toEqual([
    `GET ${PATH}: no answer: no answer within 300 s; lower \`concurrency\`, or look at the load on Harbor and its database`,
  ])
})

describe('connections', () => {
  test.each([1, 3, 16])(
    'never more requests under way than %d, over as many connections',
    async (concurrency) => {
      const server = await serving((_incoming, response) => {
        setTimeout(() => response.end('[]'), 2)
      })
      const { http, close } = clientOf(server.url, { concurrency })
      await Promise.all(Array.from({ length: 60 }, () => http.read({ path: PATH }, () => undefined)))
      await close()
      expect([server.most, server.connections, server.requests.length]).toEqual([
        concurrency,
        concurrency,
        60,
      ])
    },
  )

  test('stay open after an answer without a body, too', async () => {
    const server = await serving((_incoming, response) => {
      response.writeHead(200, { 'content-length': '12345' }).end()
    })
    const { harbor, close } = clientOf(server.url, { concurrency: 1 })
    for (let i = 0; i < 5; i += 1) expect(await harbor.hasBlob('team/app', `sha256:${i}`)).toBe(true)
    await close()
    expect([server.requests.length, server.connections]).toEqual([5, 1])
  })

  test('cookies are never sent back', async () => {
    const server = await serving(
      inTurn({ headers: { 'set-cookie': 'sid=0123456789abcdef; Path=/; HttpOnly' } }),
    )
    const { http, close } = clientOf(server.url)
    for (let i = 0; i < 3; i += 1) await http.read({ path: PATH }, () => undefined)
    await close()
    expect(server.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined, undefined])
  })

  test('every request says who asks, in UTF-8, and what for', async () => {
    const server = await serving(inTurn({}))
    await ask(server.url, { credentials: { username: 'robot$team-a+läser', password: 'pä:ss wörd' } })
    const headers = server.requests[0]?.headers
    expect(Buffer.from(headers?.authorization?.slice('Basic '.length) ?? '', 'base64').toString()).toBe(
      'robot$team-a+läser:pä:ss wörd',
    )
    expect(headers?.['user-agent']).toBe('harbor-dredge/test')
  })

  test.each([
    ['http://127.0.0.1:1', 'nothing listens there; check host and port in harbor-url, and that Harbor runs'],
    ['http://harbor.invalid', 'the host has no address; check the host in harbor-url'],
  ])('nobody at %s', async (url, words) => {
    const { message } = await complaint(url)
    expect(message).toBe(`GET ${PATH}: no answer: ${words}`)
  })
})

describe('certificates', () => {
  const TRUST =
    'give the certificate of its authority as ca-file (insecure-skip-tls-verify: true turns the check off, and with it the protection)'
  const ours = selfSigned('IP:127.0.0.1')

  test('that nobody vouches for: refused at once, with what to do', async () => {
    const server = await serving(inTurn({}), ours)
    const { message } = await complaint(server.url)
    expect(message).toBe(`GET ${PATH}: no answer: its certificate is self-signed; ${TRUST}`)
    expect([server.requests.length, server.connections]).toEqual([0, 0])
  })

  test('of the authority in the CA file: trusted', async () => {
    const server = await serving(inTurn({}), ours)
    await expect(ask(server.url, { ca: ours.cert })).resolves.toBe('[]')
  })

  test('among other authorities in one file: trusted', async () => {
    const server = await serving(inTurn({}), ours)
    const ca = `# ours\n${selfSigned('IP:127.0.0.1').cert}\n# and theirs\r\n${ours.cert}`
    await expect(ask(server.url, { ca })).resolves.toBe('[]')
  })

  test("beside the CA file those of Node's own stay trusted", async () => {
    const server = await serving(inTurn({}), ours)
    const folder = new Folder()
    folder.write('extra.pem', ours.cert)
    folder.write('ca.pem', selfSigned('IP:127.0.0.1').cert)
    const code = `
      import { readFileSync } from 'node:fs'
      import { request } from 'undici'
      import { connect } from '{src}/harbor/dispatcher.ts'
      const ca = readFileSync(${JSON.stringify(path.join(folder.path, 'ca.pem'))}, 'utf8')
      const dispatcher = connect({ concurrency: 1, ca })
      const { statusCode } = await request('${server.url}', { dispatcher })
      console.log(statusCode)
      await dispatcher.close()`
    const extra = { NODE_EXTRA_CA_CERTS: path.join(folder.path, 'extra.pem') }
    expect(await runModule(code, extra)).toBe('200')
    await expect(runModule(code)).rejects.toThrow(/self-signed certificate/)
    folder.remove()
  })

  test('of another authority than that in the CA file: refused', async () => {
    const server = await serving(inTurn({}), ours)
    const { message } = await complaint(server.url, { ca: selfSigned('IP:127.0.0.1').cert })
    expect(message).toContain('its certificate is')
    expect(server.requests).toHaveLength(0)
  })

  test('for another host: refused', async () => {
    const other = selfSigned('DNS:harbor.example')
    const server = await serving(inTurn({}), other)
    expect((await complaint(server.url, { ca: other.cert })).message).toBe(
      `GET ${PATH}: no answer: its certificate is for another host; check harbor-url, or renew the certificate`,
    )
    expect(server.requests).toHaveLength(0)
  })

  test('not checked when asked not to', async () => {
    const server = await serving(inTurn({}), ours)
    await expect(ask(server.url, { insecureSkipTlsVerify: true })).resolves.toBe('[]')
  })

  test('https where http is spoken: told in words, at once', async () => {
    const server = await serving(inTurn({}))
    const { message } = await complaint(server.url.replace('http:', 'https:'))
    expect(message).toBe(
      `GET ${PATH}: no answer: it does not speak TLS there; check scheme and port in harbor-url: http or https?`,
    )
    expect(server.connections).toBe(1)
  })
})

describe('proxies', () => {
  const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']
  const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]))
  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })

  interface Proxy {
    readonly url: string
    readonly asked: readonly string[]
    readonly headers: readonly IncomingMessage['headers'][]
  }

  /** Passes on what is asked through it, in tunnels or by whole addresses. */
  async function proxying(status = 200): Promise<Proxy> {
    const asked: string[] = []
    const headers: IncomingMessage['headers'][] = []
    const sockets = new Set<Socket>()
    const server = createProxyServer((incoming, outgoing) => {
      asked.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`)
      headers.push(incoming.headers)
      void request(incoming.url ?? '', {
        headers: { authorization: incoming.headers.authorization ?? '' },
      }).then(async ({ statusCode, body }) => outgoing.writeHead(statusCode).end(await body.text()))
    })
    server.on('connect', (incoming: IncomingMessage, client: Socket) => {
      asked.push(`CONNECT ${incoming.url ?? ''}`)
      headers.push(incoming.headers)
      if (status !== 200) {
        client.end(`HTTP/1.1 ${status} No\r\n\r\n`)
        return
      }
      const [host = '', port = ''] = (incoming.url ?? '').split(':')
      const upstream = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        upstream.pipe(client)
        client.pipe(upstream)
      })
      for (const socket of [client, upstream]) {
        sockets.add(socket)
        socket.on('error', () => socket.destroy())
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    open.push({
      close: async () => {
        for (const socket of sockets) socket.destroy()
        server.close()
        server.closeAllConnections()
        await once(server, 'close')
      },
    })
    return {
      url: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`,
      asked,
      headers,
    }
  }

  test.each(['HTTP_PROXY', 'http_proxy'])('%s is used', async (variable) => {
    const proxy = await proxying()
    const server = await serving(inTurn({ body: '["through"]' }))
    process.env[variable] = proxy.url
    await expect(ask(server.url)).resolves.toBe('["through"]')
    expect(proxy.asked).toHaveLength(1)
    expect(server.requests).toHaveLength(1)
  })

  test.each(['HTTPS_PROXY', 'https_proxy'])(
    '%s is used for https, and sees nothing of it',
    async (variable) => {
      const proxy = await proxying()
      const certificate = selfSigned('IP:127.0.0.1')
      const server = await serving(inTurn({ body: '["through"]' }), certificate)
      process.env[variable] = proxy.url
      await expect(ask(server.url, { ca: certificate.cert })).resolves.toBe('["through"]')
      expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${server.port}`])
      expect(proxy.headers.map(({ authorization }) => authorization)).toEqual([undefined])
    },
  )

  test.each(['127.0.0.1', '*', 'harbor.example,127.0.0.1'])('NO_PROXY=%s goes past it', async (no) => {
    const proxy = await proxying()
    const server = await serving(inTurn({}))
    Object.assign(process.env, { HTTP_PROXY: proxy.url, NO_PROXY: no })
    await expect(ask(server.url)).resolves.toBe('[]')
    expect(proxy.asked).toEqual([])
  })

  test('no more connections through a proxy than without one', async () => {
    const proxy = await proxying()
    const server = await serving((_incoming, response) => {
      setTimeout(() => response.end('[]'), 2)
    })
    process.env['HTTP_PROXY'] = proxy.url
    const { http, close } = clientOf(server.url, { concurrency: 3 })
    await Promise.all(Array.from({ length: 30 }, () => http.read({ path: PATH }, () => undefined)))
    await close()
    expect([server.most, server.connections]).toEqual([3, 3])
  })

  test('one that refuses is told, without its password', async () => {
    const proxy = await proxying(407)
    process.env['HTTP_PROXY'] = proxy.url.replace('http://', 'http://builder:s3cret@')
    const server = await serving(inTurn({}))
    const { message } = await complaint(server.url)
    expect(message).toContain('407')
    expect(message).not.toContain('s3cret')
    expect(server.requests).toHaveLength(0)
  })

  // As curl and git take it: without a scheme it is http.
  test.each(['127.0.0.1:PORT', 'localhost:PORT'])('%s is a proxy too', async (written) => {
    const proxy = await proxying()
    const server = await serving(inTurn({ body: '["through"]' }))
    process.env['HTTP_PROXY'] = written.replace('PORT', new URL(proxy.url).port)
    await expect(ask(server.url)).resolves.toBe('["through"]')
    expect(proxy.asked).toHaveLength(1)
  })
})
