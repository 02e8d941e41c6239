import * as v from 'valibot'
import { messageOf } from '../shared/failure.ts'
import type { Answer } from './answer.ts'
import { CUT_SHORT, UnexpectedAnswer } from './errors.ts'
import { HARBOR, type Party } from './party.ts'

/**
 * Reads an answer's JSON and checks what is used of it.
 *
 * @throws UnexpectedAnswer when it isn't JSON, or a field is missing or wrong: which one, where
 */
export function decode<T>(answer: Answer, schema: v.GenericSchema<unknown, T>, party: Party = HARBOR): T {
  const parsed = v.safeParse(schema, parseJson(answer, party), { abortEarly: true })
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const where = v.getDotPath(issue) ?? ''
  const what =
    issue.received === 'undefined'
      ? `lacks \`${where}\``
      : `has ${issue.received} as \`${where}\`: ${issue.message}`
  throw new UnexpectedAnswer('UNKNOWN_FORM', `the answer ${what}; ${party.doubt}`, answer.exchange)
}

function parseJson({ body, exchange, headers }: Answer, { name, inputs }: Party): unknown {
  const doubt = `is ${inputs.url} the address of ${name} itself?`
  const text = body.toString('utf8')
  if (String(headers['content-type']).includes('html') || text.startsWith('<')) {
    throw new UnexpectedAnswer('NOT_JSON', `answered with an HTML page; ${doubt}`, exchange)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const cut = isCutShort(error, text)
    const what = cut ? `ends before its JSON does (${text.length} characters)` : 'is not JSON'
    const who = cut ? `something between here and ${name} cut it` : doubt
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
