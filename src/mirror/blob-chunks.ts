import type { Coming } from '../harbor/answer.ts'
import { CUT_SHORT, UnexpectedAnswer, Unreachable, type Exchange } from '../harbor/errors.ts'
import { textOf } from '../harbor/http.ts'
import { type Tries, WRONG_CONTENT } from './gateway-tries.ts'

/** A try that brings as much may be followed by as many more as the first: large blobs come over bad lines too. */
const WELL_ON = 2 ** 20

/** An answer whose status says that the request succeeded. */
export interface Given extends Coming {
  readonly exchange: Exchange
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** A blob somewhere. */
export interface BlobSource {
  /** Whose it is, for messages. */
  readonly name: string
  readonly method: 'GET' | 'HEAD'
  /** As the manifest says. */
  readonly size: number
  /** Asks for it, with a range of it where one is given. */
  readonly ask: (headers: Readonly<Record<string, string>>) => Promise<Given>
  /** Told of everything that comes, also of what came before. */
  readonly onMoved?: () => void
}

/**
 * A blob as it comes. Where the answer breaks off, the rest is asked for with Range (RFC 9110, 14.2); a digest names the
 * same bytes for ever, so what comes then fits. Whether they are what it names is for its reader to look at.
 *
 * @throws HarborError of the last try; what was read until then is not all
 */
export async function* blobChunks(
  { name, method, size, ask, onMoved }: BlobSource,
  tries: Tries,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let sent = 0
  for (;;) {
    const before = sent
    try {
      const given = await ask(before === 0 ? {} : { range: `bytes=${before}-` })
      let skip = surplusOf(given, { name, size, offset: before })
      for await (const chunk of given.chunks) {
        const fresh = chunk.subarray(Math.min(skip, chunk.length))
        skip -= chunk.length - fresh.length
        if (sent + fresh.length > size) throw tooLong(given, size, name)
        sent += fresh.length
        onMoved?.()
        if (fresh.length > 0) yield fresh
      }
      if (method === 'GET' && sent < size) throw cutShort(given, { name, sent, size })
      return
    } catch (error) {
      // Cut after the last byte: nothing is left to ask for.
      if (sent > 0 && sent === size && error instanceof Unreachable && !signal.aborted) return
      if (sent - before >= WELL_ON) tries.renew()
      await tries.after(error, signal)
    }
  }
}

interface Place {
  readonly name: string
  readonly size: number
  readonly offset: number
}

/**
 * How many bytes of an answer were there before: none of a 206, all of them of a 200 to a request with Range.
 *
 * @throws UnexpectedAnswer when it isn't an answer to what was asked
 */
function surplusOf(given: Given, place: Place): number {
  const problem = problemOf(given, place)
  if (problem === undefined) return given.exchange.status === 206 ? 0 : place.offset
  given.drop()
  const message = `the blob ${problem}; ${damagedBy(place.name)}`
  throw new UnexpectedAnswer(WRONG_CONTENT, message, given.exchange)
}

function problemOf({ exchange, headers }: Given, { size, offset }: Place): string | undefined {
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

/** Why a blob may be another one than it should be. */
export function damagedBy(name: string): string {
  return `something between here and ${name} changed it, or ${name}'s storage is damaged`
}

/** Only where the answer didn't say its length before. The same again would be as long. */
function tooLong({ exchange }: Given, size: number, name: string): UnexpectedAnswer {
  const message = `the blob has more than the ${size} bytes that its manifest says; ${damagedBy(name)}`
  return new UnexpectedAnswer('TOO_LARGE', message, exchange)
}

function cutShort(
  { exchange }: Given,
  { name, sent, size }: { readonly name: string; readonly sent: number; readonly size: number },
): UnexpectedAnswer {
  const message = `the blob ends after ${sent} of ${size} bytes; something between here and ${name} cut it`
  return new UnexpectedAnswer(CUT_SHORT, message, exchange)
}
