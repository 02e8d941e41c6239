// Blobs larger than what answers may be that are held in memory.
import { once } from 'node:events'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect, test } from '@jest/globals'
import { connect } from '../../src/harbor/dispatcher.ts'
import { startGateway } from '../../src/mirror/gateway.ts'
import { ADMIN, FAST } from '../helpers/connect.ts'
import { serve } from '../helpers/server.ts'
import { ask, basic, digestOf, REPOSITORY } from './gateway-lab.ts'

const MIB = 2 ** 20
const SIZE = 300 * MIB
const LAYER = `sha256:${'1'.repeat(64)}`
const MANIFEST = JSON.stringify({ schemaVersion: 2, layers: [{ digest: LAYER, size: SIZE }] })

async function sendLarge(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-length': SIZE })
  const chunk = Buffer.alloc(MIB)
  for (let sent = 0; sent < SIZE; sent += MIB) {
    if (!response.write(chunk)) await once(response, 'drain')
  }
  response.end()
}

test('a blob of 300 MiB comes through in one go, from a storage that knows no ranges', async () => {
  const upstream = await serve((incoming, response) => {
    if (incoming.url?.includes('/manifests/') === true) response.end(MANIFEST)
    else void sendLarge(response)
  })
  const dispatcher = connect({ concurrency: 2, large: true })
  const retries: string[] = []
  const gateway = await startGateway({
    harbor: { url: upstream.url, credentials: ADMIN, dispatcher },
    retry: FAST,
    onRetry: ({ message }) => retries.push(message),
  })
  try {
    const digest = digestOf(MANIFEST)
    const source = gateway.open({ repository: REPOSITORY, digests: [digest] })
    await ask(gateway, `/v2/${REPOSITORY}/manifests/${digest}`, source)
    const outgoing = request(`http://${gateway.host}/v2/${REPOSITORY}/blobs/${LAYER}`, {
      headers: { authorization: basic(source) },
    }).end()
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve).on('error', reject)
    })
    let bytes = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length
    expect([bytes, answer.complete, retries, upstream.requests.length]).toEqual([SIZE, true, [], 2])
  } finally {
    await gateway.close()
    await dispatcher.close()
    await upstream.close()
  }
}, 60_000)
