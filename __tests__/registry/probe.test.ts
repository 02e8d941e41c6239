// Whether there is a registry, and what to do where there isn't.
import { describe, expect, test } from '@jest/globals'
import { selfSigned } from '../helpers/certificate.ts'
import { inTurn, serve, type Answering } from '../helpers/server.ts'
import { complaintOf, registryAt } from './client.ts'
import { open } from './own-server.ts'

const TAGS = '/v2/team/app/tags/list'

describe('is it a registry?', () => {
  async function probed(
    answer: Answering,
    path = '',
  ): Promise<{ readonly message: string; readonly url: string }> {
    const server = await serve(answer)
    const { registry, close } = registryAt(server.url + path)
    open.push({ close }, server)
    return { message: (await complaintOf(registry.probe())).message, url: server.url }
  }

  test.each<readonly [string, Answering, string]>([
    [
      'nothing',
      inTurn({ status: 404, body: '404 page not found' }),
      'there is no registry here (answered 404); check scheme, host and port of mirror-registry: its path only goes in front of the names of repositories',
    ],
    [
      'http to a port with https',
      inTurn({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.' }),
      'there is no registry here (answered 400); check scheme, host and port of mirror-registry: its path only goes in front of the names of repositories',
    ],
    [
      'any web server',
      inTurn({ headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html></html>' }),
      'answered with an HTML page; is mirror-registry the address of the mirror registry itself?',
    ],
    [
      'a web server without that page',
      inTurn({ status: 404, headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
      'answered 404 with an HTML page, which is not from a registry; is mirror-registry the address of the mirror registry itself?',
    ],
    [
      'a redirect to https',
      inTurn({ status: 301, headers: { location: 'https://mirror.example/v2/' }, body: '' }),
      'redirects to https://mirror.example, which gets no credentials; if that is the mirror registry, give it as mirror-registry',
    ],
    [
      'redirects without end',
      inTurn({ status: 301, headers: { location: '/v2/' }, body: '' }),
      'redirects more than 5 times; check mirror-registry',
    ],
    [
      'one that isn’t ready',
      inTurn({ status: 503, body: '' }),
      'answered 503; the mirror registry or a proxy in front of it is not ready',
    ],
    [
      'one that lets nobody in',
      inTurn({ status: 403, body: '' }),
      'answered 403; the account must be able to pull and push there, within its quota',
    ],
    [
      'one that wants what nobody knows',
      inTurn({ status: 401, headers: { 'www-authenticate': 'Negotiate' }, body: '' }),
      'answered 401; it wants credentials; give mirror-username and mirror-password',
    ],
    [
      'damaged answers',
      inTurn({ headers: { 'content-encoding': 'gzip' }, body: 'no gzip' }),
      "the answer's compression is broken: incorrect header check; something between here and the mirror registry damaged it",
    ],
  ])('%s', async (_what, answer, words) => {
    const { message, url } = await probed(answer, '/some/path')
    expect(message).toBe(`GET ${url}/v2/: ${words}`)
  })

  test('certificates', async () => {
    const certificate = selfSigned('IP:127.0.0.1')
    const server = await serve(inTurn({ body: '{}' }), certificate)
    open.push(server)
    const untrusting = registryAt(server.url)
    const trusting = registryAt(server.url, { ca: certificate.cert })
    const plain = registryAt(server.url.replace('https', 'http'))
    open.unshift(untrusting, trusting, plain)
    expect((await complaintOf(untrusting.registry.probe())).message).toBe(
      `GET ${server.url}/v2/: no answer: its certificate is self-signed; give the certificate of its authority as mirror-ca-file (mirror-insecure-skip-tls-verify: true turns the check off, and with it the protection)`,
    )
    await expect(trusting.registry.probe()).resolves.toBeUndefined()
    expect((await complaintOf(plain.registry.probe())).message).toMatch(
      /; a proxy or the mirror registry itself closed it; its log may say why$/,
    )
  })

  test('nobody there', async () => {
    const { registry, close } = registryAt('http://127.0.0.1:9/backup')
    open.push({ close })
    expect((await complaintOf(registry.probe())).message).toBe(
      'GET http://127.0.0.1:9/v2/: no answer: nothing listens there; check host and port in mirror-registry, and that the mirror registry runs',
    )
  })

  test('how to ask is asked once, but again after that failed', async () => {
    let nth = 0
    const server = await serve((_request, response) => {
      nth += 1
      if (nth <= 3) response.writeHead(502).end()
      else response.end('{"tags":["a"]}')
    })
    const { registry, close } = registryAt(server.url)
    open.push({ close }, server)
    await complaintOf(registry.tags('team/app'))
    await Promise.all([registry.tags('team/app'), registry.tags('team/app')])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/v2/',
      '/v2/',
      '/v2/',
      '/v2/',
      `${TAGS}?n=1000`,
      `${TAGS}?n=1000`,
    ])
  })
})
