// Registries of a test's own, that answer whatever it wants.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach } from '@jest/globals'
import { harborError, serve, type Answering, type Server } from '../helpers/server.ts'
import { registryAt, type RegistryClient } from './client.ts'

/** What is closed after each test, the first first. */
export const open: { close: () => Promise<void> }[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

export interface At extends RegistryClient {
  readonly server: Server
  /** What was asked, but for how to be asked. */
  readonly asked: () => readonly string[]
}

/** A registry that anybody may ask, and its client. */
export async function at(answer: Answering, prefix = ''): Promise<At> {
  let nth = 0
  const server = await serve((request, response) => {
    if (request.url === '/v2/') response.end('{}')
    else {
      nth += 1
      answer(request, response, nth)
    }
  })
  const client = registryAt(server.url + prefix)
  open.push(client, server)
  const asked = (): readonly string[] =>
    server.requests.slice(1).map(({ method, url }) => `${method ?? ''} ${url ?? ''}`)
  return { ...client, server, asked }
}

/** By method and address. */
export function routes(
  all: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>,
): Answering {
  return (request, response) => {
    const route = all[`${request.method ?? ''} ${request.url ?? ''}`]
    if (route === undefined) response.writeHead(404).end(harborError('NOT_FOUND', 'nothing'))
    else route(request, response)
  }
}
