/** The words of GitHub's answers about its limits. */
const LIMITED = /rate limit|abuse detection/i

/** How long GitHub wants nothing to be asked where it doesn't say how long (see below). */
const AT_LEAST_MS = 60_000

/** What a server said beside the answer itself. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Whether an answer says that there were too many requests, and how long it asks to wait
 * (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit): by
 * `retry-after`; else until `x-ratelimit-reset` where `x-ratelimit-remaining` is 0; else a minute at least.
 *
 * A token without the right to do something hears 403 too, and its last request of the hour has a remainder of 0 as
 * well: there, only the words tell.
 *
 * @param words what the answer says in its body
 * @param now milliseconds since 1970, for an answer without a date
 * @returns milliseconds; undefined for an answer that isn't about limits
 */
export function limitOf(status: number, headers: Headers, words: string, now: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined
  const after = seconds(headers['retry-after'])
  const reset = seconds(headers['x-ratelimit-reset'])
  const spent = headers['x-ratelimit-remaining'] === '0'
  const limited = status === 429 || after !== undefined || LIMITED.test(words) || (spent && words === '')
  if (!limited) return undefined
  if (after !== undefined) return after * 1000
  if (!spent || reset === undefined) return AT_LEAST_MS
  // Both times are the server's, so that a machine whose clock is wrong waits right. A second more: they are rounded.
  const there = Date.parse(String(headers['date']))
  return Math.max(0, reset * 1000 - (Number.isNaN(there) ? now : there)) + 1000
}

function seconds(header: Headers[string]): number | undefined {
  return typeof header === 'string' && /^\d{1,12}$/.test(header) ? Number(header) : undefined
}
