// The built programs over real connections: certificates, proxies, as many requests at once as were allowed.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createSecureServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { inputsFor, LAB_POLICY, startLab } from '../helpers/lab.ts'
import { ended, Folder, outputsOf, startAction, type Inputs, type Ran } from '../helpers/program.ts'
import { startRelay } from '../helpers/relay.ts'

const certificate = selfSigned('IP:127.0.0.1')
let standIn: StandIn
let secure: Server
let folder: Folder

beforeAll(async () => {
  standIn = await startLab()
  const { port } = new URL(standIn.url)
  secure = createSecureServer(certificate, (socket: Socket) => {
    const upstream = connect(Number(port), '127.0.0.1')
    socket.pipe(upstream).pipe(socket)
    for (const each of [socket, upstream]) each.on('error', () => each.destroy())
  })
  secure.listen(0, '127.0.0.1')
  await once(secure, 'listening')
})
afterAll(async () => {
  secure.close()
  await standIn.close()
})
beforeEach(() => {
  folder = new Folder()
  folder.write('policy.yml', LAB_POLICY)
  folder.write('ca.pem', certificate.cert)
})
afterEach(() => {
  folder.remove()
})

function portOf(server: Server): number {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  return (server.address() as AddressInfo).port
}

function run(url: string, inputs: Inputs = {}, environment: Inputs = {}): Promise<Ran> {
  return ended(startAction(folder, inputsFor({ url }, inputs), environment))
}

const https = (): string => `https://127.0.0.1:${portOf(secure)}`

test('a certificate that nobody vouches for: refused, with what to do', async () => {
  const { status, stdout } = await run(https())
  expect(status).toBe(1)
  expect(stdout).toContain(
    `::error::${https()}: GET /api/v2.0/systeminfo: no answer: its certificate is self-signed; give the certificate of its authority as ca-file (insecure-skip-tls-verify: true turns the check off, and with it the protection)`,
  )
})

test('its authority given as ca-file', async () => {
  const { status, stdout } = await run(https(), { 'ca-file': 'ca.pem' })
  expect([status, stdout.includes('::warning::')]).toEqual([0, false])
  expect(outputsOf(folder)['changes']).toBe('true')
})

test('not checked when asked not to, with a warning', async () => {
  const { status, stdout } = await run(https(), { 'insecure-skip-tls-verify': 'true' })
  expect(status).toBe(0)
  expect(stdout).toContain(
    `::warning::insecure-skip-tls-verify: whoever stands between here and ${https()} can read the password`,
  )
})

test('through the proxy that the environment names', async () => {
  const asked: string[] = []
  const proxy = createServer((client) => {
    client.once('data', (head) => {
      const [line = ''] = head.toString('latin1').split('\r\n')
      asked.push(line)
      const [, target = ''] = line.split(' ')
      const [host = '', port = ''] = target.split(':')
      const upstream = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        client.pipe(upstream).pipe(client)
      })
      for (const each of [client, upstream]) each.on('error', () => each.destroy())
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { status } = await run(
    https(),
    { 'ca-file': 'ca.pem', concurrency: '3' },
    {
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
    },
  )
  proxy.close()
  expect(status).toBe(0)
  expect(new Set(asked)).toEqual(new Set([`CONNECT 127.0.0.1:${portOf(secure)} HTTP/1.1`]))
  expect(asked.length).toBeLessThanOrEqual(3)
})

// The proxy is there: what fails is Harbor's certificate.
test('a certificate that nobody vouches for, through a proxy: the proxy isn’t to blame', async () => {
  const { stdout } = await run(https(), {}, { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1' })
  expect(stdout).toContain('its certificate is self-signed')
  expect(stdout).not.toContain('HTTPS_PROXY')
})

test.each([1, 3])('never more than %d requests at once, and no cookie', async (concurrency) => {
  const relay = await startRelay(standIn.url)
  const { status } = await run(relay.url, { concurrency: String(concurrency), sizes: 'exact' })
  await relay.close()
  expect([status, relay.most]).toEqual([0, concurrency])
  expect(relay.seen.filter(({ headers }) => headers.cookie !== undefined)).toEqual([])
  expect(new Set(relay.seen.map(({ headers }) => headers.authorization)).size).toBe(1)
})
