import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { CUT_SHORT, UnexpectedAnswer, Unreachable } from '../harbor/errors.ts'
import { textOf } from '../harbor/http.ts'
import { REGISTRY } from './gateway-answer.ts'
import { type Tries, WRONG_CONTENT } from './gateway-tries.ts'
import type { OpenSource } from './gateway-source.ts'
import type { Given, Upstream } from './gateway-upstream.ts'

/** A try that brings as much may be followed by as many more as the first: large blobs come over bad lines too. */
const WELL_ON = 2 ** 20

export interface BlobRequest {
  readonly method: 'GET' | 'HEAD'
  readonly repository: string
  readonly digest: string
  /** As the manifest says. */
  readonly size: number
  readonly signal: AbortSignal
}

/**
 * Hands a blob on as it comes, no faster than it is taken. Where Harbor's answer breaks off, the rest is asked for
 * with Range (RFC 9110, 14.2); a digest names the same bytes for ever, so what comes then fits.
 *
 * @throws HarborError of the last try; if a part was handed out by then, the rest must not seem to be there
 */
export async function serveBlob(
  { upstream, source, tries }: { upstream: Upstream; source: OpenSource; tries: Tries },
  wanted: BlobRequest,
  response: ServerResponse,
): Promise<void> {
  const { method, signal, size, repository, digest } = wanted
  const path = `/v2/${repository}/blobs/${digest}`
  let sent = 0
  for (;;) {
    const before = sent
    try {
      const headers: Record<string, string> = before === 0 ? {} : { range: `bytes=${before}-` }
      const given = await upstream.ask({ method, path, headers, signal })
      let skip = surplusOf(given, size, before)
      if (!response.headersSent) begin(response, wanted)
      for await (const chunk of given.chunks) {
        const fresh = chunk.subarray(Math.min(skip, chunk.length))
        skip -= chunk.length - fresh.length
        if (sent + fresh.length > size) throw tooLong(given, size)
        sent += fresh.length
        if (fresh.length > 0) await write(response, fresh, signal)
        source.handedOut(fresh.length)
      }
      if (method === 'GET' && sent < size) throw cutShort(given, sent, size)
      break
    } catch (error) {
      // Cut after the last byte: nothing is left to ask for.
      if (sent > 0 && sent === size && error instanceof Unreachable && !signal.aborted) break
      if (sent - before >= WELL_ON) tries.renew()
      await tries.after(error, signal)
    }
  }
  response.end()
}

function begin(response: ServerResponse, { digest, size }: BlobRequest): void {
  response.writeHead(200, {
    ...REGISTRY,
    'content-type': 'application/octet-stream',
    'content-length': size,
    'docker-content-digest': digest,
  })
}

async function write(response: ServerResponse, chunk: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (!response.write(chunk)) await once(response, 'drain', { signal })
}

/**
 * How many bytes of an answer were handed out before: none of a 206, all of them of a 200 to a request with Range.
 *
 * @throws UnexpectedAnswer when it isn't an answer to what was asked
 */
function surplusOf(given: Given, size: number, offset: number): number {
  const problem = problemOf(given, size, offset)
  if (problem === undefined) return given.exchange.status === 206 ? 0 : offset
  given.drop()
  throw wrong(given, problem)
}

function problemOf({ exchange, headers }: Given, size: number, offset: number): string | undefined {
  const encoding = textOf(headers['content-encoding'])
  if (encoding !== '' && encoding !== 'identity') return `came in ${encoding}, which was not asked for`
  if (exchange.status === 206) {
    const range = textOf(headers['content-range'])
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? []
    if (start === String(offset) && (total === String(size) || total === '*')) return undefined
    return `came as the range '${range}' where ${offset} to the end of ${size} bytes was asked for`
  }
  if (exchange.status !== 200) return `came with status ${exchange.status}`
  const length = textOf(headers['content-length'])
  if (length === '' || length === String(size)) return undefined
  return `has ${length} bytes, not the ${size} that its manifest says`
}

const DAMAGED = "something between here and Harbor changed it, or Harbor's storage is damaged"

function wrong({ exchange }: Given, problem: string): UnexpectedAnswer {
  return new UnexpectedAnswer(WRONG_CONTENT, `the blob ${problem}; ${DAMAGED}`, exchange)
}

/** Only where the answer didn't say its length before. The same again would be as long. */
function tooLong({ exchange }: Given, size: number): UnexpectedAnswer {
  const message = `the blob has more than the ${size} bytes that its manifest says; ${DAMAGED}`
  return new UnexpectedAnswer('TOO_LARGE', message, exchange)
}

function cutShort({ exchange }: Given, sent: number, size: number): UnexpectedAnswer {
  const message = `the blob ends after ${sent} of ${size} bytes; something between here and Harbor cut it`
  return new UnexpectedAnswer(CUT_SHORT, message, exchange)
}
