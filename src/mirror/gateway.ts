import { once } from 'node:events'
import { createServer } from 'node:http'
import { DEFAULT_RETRY, type RetryPolicy } from '../harbor/retry.ts'
import type { OnRetry } from './gateway-tries.ts'
import { serve } from './gateway-serve.ts'
import { OpenSource, type Source, type Wanted } from './gateway-source.ts'
import { Upstream, type Origin } from './gateway-upstream.ts'

export type { OnRetry, Origin, Source, Wanted }

export interface GatewayOptions {
  readonly harbor: Origin
  readonly retry?: RetryPolicy
  readonly onRetry?: OnRetry
}

/**
 * A registry on the loopback interface, from which skopeo reads what is in Harbor: over HTTP, by digest, only what is
 * being copied, and only by who has the password of that copy. Harbor sees a client whose reads don't count as pulls.
 */
export interface Gateway {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /**
   * Lets one copy read, until its source is closed.
   *
   * @throws TypeError for a repository or digest that no registry has; Error once the gateway is closed
   */
  open(wanted: Wanted): Source
  /** Ends what is under way; when it resolves, nothing listens any more and nothing is asked of Harbor. */
  close(): Promise<void>
}

/** @throws Error when there is no port to listen on */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { harbor, retry = DEFAULT_RETRY, onRetry = () => undefined } = options
  const sources = new Map<string, OpenSource>()
  const serving = { upstream: new Upstream(harbor), sources, retry, onRetry }
  const answers = new Set<Promise<void>>()
  const server = createServer((request, response) => {
    // Of a client that goes away; 'close' tells of it too.
    response.on('error', () => undefined)
    const answer = serve(serving, request, response).catch(() => {
      response.destroy()
    })
    answers.add(answer)
    void answer.finally(() => answers.delete(answer))
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Connections that can't be taken, for lack of file descriptors say, fail with whoever wanted them.
  server.on('error', () => undefined)
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  let opened = 0
  let closed: Promise<void> | undefined
  const end = async (): Promise<void> => {
    const ended = once(server, 'close')
    server.close()
    for (const source of sources.values()) source.close()
    server.closeAllConnections()
    await Promise.all([ended, ...answers])
  }
  return {
    host: `127.0.0.1:${port}`,
    open(wanted) {
      if (closed !== undefined) throw new Error('the gateway is closed; start another')
      const username = `copy-${(opened += 1)}`
      const source = new OpenSource(username, wanted, () => sources.delete(username))
      sources.set(username, source)
      return source
    },
    close: () => (closed ??= end()),
  }
}
