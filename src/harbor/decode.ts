import * as v from 'valibot'
import { messageOf } from '../shared/failure.ts'
import { CUT_SHORT, UnexpectedAnswer } from './errors.ts'
import type { Answer } from './http.ts'

/**
 * Reads an answer's JSON and checks what is used of it.
 *
 * @throws UnexpectedAnswer when it isn't JSON, or a field is missing or wrong: which one, where
 */
export function decode<T>(answer: Answer, schema: v.GenericSchema<unknown, T>): T {
  const parsed = v.safeParse(schema, parseJson(answer), { abortEarly: true })
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const where = v.getDotPath(issue) ?? ''
  const what =
    issue.received === 'undefined'
      ? `lacks \`${where}\``
      : `has ${issue.received} as \`${where}\`: ${issue.message}`
  throw new UnexpectedAnswer(
    'UNKNOWN_FORM',
    `the answer ${what}; is this a Harbor of version 2?`,
    answer.exchange,
  )
}

function parseJson({ body, exchange, headers }: Answer): unknown {
  const text = body.toString('utf8')
  if (String(headers['content-type']).includes('html') || text.startsWith('<')) {
    const message = 'answered with an HTML page; is harbor-url the address of Harbor itself?'
    throw new UnexpectedAnswer('NOT_JSON', message, exchange)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const cut = isCutShort(error, text)
    const what = cut ? `ends before its JSON does (${text.length} characters)` : 'is not JSON'
    const who = cut
      ? 'something between here and Harbor cut it'
      : 'is harbor-url the address of Harbor itself?'
    throw new UnexpectedAnswer(cut ? CUT_SHORT : 'NOT_JSON', `the answer ${what}; ${who}`, exchange, {
      cause: error,
    })
  }
}

/** Where V8 found fault with the JSON: at its very end, or somewhere in it. */
function isCutShort(error: unknown, text: string): boolean {
  const message = messageOf(error)
  const [, position] = /at position (\d+)/.exec(message) ?? []
  return /end of JSON input|Unterminated/.test(message) || Number(position ?? -1) >= text.length
}
