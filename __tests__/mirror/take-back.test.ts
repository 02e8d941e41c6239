// A blob on its way from a mirror to Harbor is never held: it comes no faster than it is taken.
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { HarborChanges } from '../../src/harbor/changes.ts'
import { connect } from '../../src/harbor/dispatcher.ts'
import { Registry } from '../../src/registry/registry.ts'
import { TakeBack } from '../../src/mirror/take-back.ts'
import { clientOf, FAST } from '../helpers/connect.ts'
import { serve } from '../helpers/server.ts'

const MIB = 2 ** 20
const SIZE = 300 * MIB
const CHUNK = Buffer.alloc(MIB, 'x')
const MOST_HELD = 32 * MIB

async function send(response: ServerResponse, onSent: (bytes: number) => void): Promise<void> {
  response.writeHead(200, { 'content-length': SIZE })
  for (let sent = 0; sent < SIZE; sent += MIB) {
    const isTaken = response.write(CHUNK)
    onSent(MIB)
    if (!isTaken) await once(response, 'drain')
  }
  response.end()
}

test('300 MiB, into a Harbor that stops taking for a while', async () => {
  const counts = { sent: 0, taken: 0, ahead: 0 }
  const note = (): void => {
    counts.ahead = Math.max(counts.ahead, counts.sent - counts.taken)
  }
  const mirror = await serve((request, response) => {
    if (request.url === '/v2/') {
      response.end('{}')
      return
    }
    void send(response, (bytes) => {
      counts.sent += bytes
      note()
    })
  })
  const hash = createHash('sha256')
  const harbor = createServer((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(202, { location: '/v2/team/app/blobs/uploads/1?state=secret' }).end()
      return
    }
    const take = async (): Promise<void> => {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        if (counts.taken < 20 * MIB && counts.taken + chunk.length >= 20 * MIB) await sleep(500)
        counts.taken += chunk.length
        hash.update(chunk)
      }
      response.writeHead(201).end()
    }
    void take()
  }).listen(0, '127.0.0.1')
  await once(harbor, 'listening')
  const address = harbor.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  const dispatcher = connect({ concurrency: 2, large: true })
  const registry = new Registry({ url: mirror.url, userAgent: 'test', retry: FAST, dispatcher })
  const { http, close } = clientOf(url)
  const said: string[] = []
  const takeBack = new TakeBack({
    registry,
    blobs: registry,
    changes: new HarborChanges(http),
    retry: FAST,
    onRetry: ({ message }) => said.push(message),
    say: (text) => said.push(text),
  })
  const whole = createHash('sha256')
  for (let bytes = 0; bytes < SIZE; bytes += MIB) whole.update(CHUNK)
  const digest = `sha256:${whole.digest('hex')}`
  try {
    await takeBack.bring(`${takeBack.host}/backup/app`, { digest, size: SIZE }, 'team/app')
    expect([counts.taken, `sha256:${hash.digest('hex')}`]).toEqual([SIZE, digest])
    expect(counts.ahead).toBeLessThan(MOST_HELD)
    expect(said).toHaveLength(1)
    expect(said[0]).not.toContain('secret')
  } finally {
    await close()
    await dispatcher.close()
    await mirror.close()
    harbor.closeAllConnections()
    harbor.close()
  }
}, 60_000)
