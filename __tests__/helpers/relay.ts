// Stands between a client and a stand-in: sees every request, changes what is behind at any moment between two of
// them, and rewrites answers.
import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as ask,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import { buffer } from 'node:stream/consumers'
import { parseJson } from '../../stand-in/state/json.ts'

export interface Seen {
  readonly method: string
  /** With the query, as it came. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface Given {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

export interface Meddling {
  /** Before a request goes on; an answer returned here is given in place of asking once. */
  readonly before?: (seen: Seen, ask: () => Promise<Given>) => Given | undefined | Promise<Given>
  /** Before an answer is given; what is returned is given in its place. */
  readonly after?: (seen: Seen, given: Given) => Given | undefined
}

export interface Relay {
  readonly url: string
  readonly seen: readonly Seen[]
  /** The most requests that were under way at once. */
  readonly most: number
  readonly close: () => Promise<void>
}

export async function startRelay(target: string, { before, after }: Meddling = {}): Promise<Relay> {
  const agent = new Agent({ keepAlive: true })
  const seen: Seen[] = []
  const count = { now: 0, most: 0 }
  const pass = async (incoming: IncomingMessage): Promise<Given> => {
    const one = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers }
    seen.push(one)
    const body = await buffer(incoming)
    const asking = (): Promise<Given> => forward(target, one, body, agent)
    const given = (await before?.(one, asking)) ?? (await asking())
    return after?.(one, given) ?? given
  }
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    try {
      const { status, headers, body } = await pass(incoming)
      // Of what was only asked about, the length is that of what is there.
      const length = incoming.method === 'HEAD' ? {} : { 'content-length': Buffer.byteLength(body) }
      outgoing.writeHead(status, { ...headers, ...length }).end(body)
    } catch {
      incoming.socket.destroy()
    }
  }
  const server = createServer((incoming, outgoing) => {
    count.now += 1
    count.most = Math.max(count.most, count.now)
    void answer(incoming, outgoing).finally(() => {
      count.now -= 1
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`,
    seen,
    get most() {
      return count.most
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      agent.destroy()
      await once(server, 'close')
    },
  }
}

async function forward(
  target: string,
  { method, path, headers }: Seen,
  body: Buffer,
  agent: Agent,
): Promise<Given> {
  const outgoing = ask(`${target}${path}`, { method, headers, agent })
  outgoing.end(body)
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject)
  })
  const text = (await buffer(answer)).toString('utf8')
  const { 'transfer-encoding': _chunks, connection: _connection, ...others } = answer.headers
  return { status: answer.statusCode ?? 0, headers: others, body: text }
}

/** A list's answer with its entries changed, or left out. */
export function withEntries(given: Given, change: (entry: Entry) => Entry | undefined): Given {
  const entries = parseJson<Entry[]>(given.body).map((entry) => change(entry))
  return { ...given, body: JSON.stringify(entries.filter((entry) => entry !== undefined)) }
}

/** One entry of a list, or a whole answer that is a mapping. */
export type Entry = Readonly<Record<string, unknown>>

/** An answer that is a mapping, changed. */
export function withFields(given: Given, change: (fields: Entry) => Entry): Given {
  return { ...given, body: JSON.stringify(change(parseJson<Entry>(given.body))) }
}
