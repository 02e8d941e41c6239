import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, type BrotliOptions, type ZlibOptions } from 'node:zlib'
import { request, type Dispatcher } from 'undici'
import { codeOf, messageOf } from '../shared/failure.ts'
import { textOf, type Answer, type Coming } from './answer.ts'
import { CUT_SHORT, UnexpectedAnswer, type Unreachable } from './errors.ts'
import { HARBOR, type Party } from './party.ts'
import { unreachable } from './unreachable.ts'

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly target: URL
  /** Where it goes, for messages: nothing in it may be secret. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer | string | Readable | undefined
  /** Whether the body of a success is to be read as it comes. */
  readonly streamed?: boolean | undefined
}

const EMPTY = Buffer.alloc(0)
/** What is held in memory of one answer at most, in bytes, also of what a few of them unfold to. */
export const LARGEST = 2 ** 28
const TOO_LARGE = 'UND_ERR_RES_EXCEEDED_MAX_SIZE'

/**
 * Sends one request, and waits for all of the answer unless it comes as a stream, whatever its status is. Redirects are answers too.
 *
 * @throws Unreachable when no answer came, UnexpectedAnswer when its compression is broken
 */
export async function send(
  dispatcher: Dispatcher,
  { method, target, path, headers, body, streamed = false }: Request,
  party: Party = HARBOR,
): Promise<Answer> {
  const options = {
    method,
    ...(body === undefined ? {} : { body }),
    // Unless it is told not to, undici closes the connection after each HEAD, for servers that answer it with a body.
    reset: false,
    ...timeoutsOf(party),
    headers: { 'accept-encoding': 'gzip, br', ...headers },
  }
  const told = ({ statusCode: status, headers: said }: Head): Pick<Answer, 'exchange' | 'headers'> => ({
    exchange: { method, path, status, requestId: textOf(said['x-request-id']) },
    headers: said,
  })
  try {
    if (!streamed) {
      const { origin, pathname, search } = target
      const received = await receive(dispatcher, { ...options, origin, path: pathname + search })
      return await decompressed({ ...told(received), body: received.body }, party)
    }
    const response = await request(target, { ...options, dispatcher })
    if (response.statusCode < 300) {
      const failed = (error: unknown): Unreachable => unreachable(error, { method, path, status: 0 }, party)
      return { ...told(response), body: EMPTY, coming: comingOf(response.body, failed) }
    }
    const answer = { ...told(response), body: await wholeOf(response.body) }
    return await decompressed(answer, party)
  } catch (error) {
    if (error instanceof UnexpectedAnswer) throw error
    throw unreachable(error, { method, path, status: 0 }, party)
  }
}

interface Head {
  readonly statusCode: number
  readonly headers: Answer['headers']
}

/** An answer with its body in one piece. undici's `request` makes a stream of it, which takes three times as long. */
function receive(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
): Promise<Head & { readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let head: Head = { statusCode: 0, headers: {} }
    dispatcher.dispatch(options, {
      onRequestStart: () => undefined,
      // Also of what comes before the answer (100 Continue): the last one counts.
      onResponseStart: (_, statusCode, headers) => {
        head = { statusCode, headers }
      },
      onResponseData: (controller, chunk) => {
        length += chunk.length
        if (length > LARGEST) controller.abort(tooLarge())
        else chunks.push(chunk)
      },
      onResponseEnd: () => {
        resolve({ ...head, body: Buffer.concat(chunks) })
      },
      onResponseError: (_, error) => {
        reject(error)
      },
    })
  })
}

async function wholeOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > LARGEST) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(cause?: unknown): Error {
  return Object.assign(new Error(`an answer over ${LARGEST} bytes`, { cause }), { code: TOO_LARGE })
}

function comingOf(body: Readable, failed: (error: unknown) => Unreachable): Coming {
  return {
    chunks: chunksOf(body, failed),
    drop: () => {
      body.on('error', () => undefined).destroy()
    },
  }
}

async function* chunksOf(
  body: AsyncIterable<Buffer>,
  failed: (error: unknown) => Unreachable,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* body
  } catch (error) {
    throw failed(error)
  }
}

function timeoutsOf({ waits }: Party): { readonly headersTimeout?: number; readonly bodyTimeout?: number } {
  return waits === undefined ? {} : { headersTimeout: waits.answer * 1000, bodyTimeout: waits.rest * 1000 }
}

async function decompressed(answer: Answer, { name }: Party): Promise<Answer> {
  const decode = DECODERS[textOf(answer.headers['content-encoding'])]
  if (decode === undefined || answer.body.length === 0) return answer
  try {
    return { ...answer, body: await decode(answer.body) }
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(error)
    const message = `the answer's compression is broken: ${messageOf(error)}; something between here and ${name} damaged it`
    throw new UnexpectedAnswer(CUT_SHORT, message, answer.exchange, { cause: error })
  }
}

const LIMIT = { maxOutputLength: LARGEST }
const gunzipped = promisify<Buffer, ZlibOptions, Buffer>(gunzip)
const unbrotlied = promisify<Buffer, BrotliOptions, Buffer>(brotliDecompress)
const DECODERS: Readonly<Record<string, (body: Buffer) => Promise<Buffer>>> = {
  gzip: (body) => gunzipped(body, LIMIT),
  br: (body) => unbrotlied(body, LIMIT),
}
