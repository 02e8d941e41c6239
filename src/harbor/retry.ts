/** How often and how patiently a request that changes nothing is sent again. */
export interface RetryPolicy {
  /** Tries in all. */
  readonly attempts: number
  /** The pause after the first try, in milliseconds; it doubles from try to try. */
  readonly pause: number
  /** The longest pause, also when the server asks for a longer one, in milliseconds. */
  readonly longest: number
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, pause: 500, longest: 60_000 }

/** Whether the same request may succeed a moment later, by the status of the answer. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/**
 * How long to wait before the next try.
 *
 * @param attempt the try that failed, from 1
 * @param retryAfter the Retry-After header (RFC 9110, 10.2.3): seconds, or a date
 * @param chance between 0 and 1: spreads the tries of many requests that failed together
 * @param now milliseconds since 1970, for a Retry-After that is a date
 */
export function pauseBefore(
  { pause, longest }: RetryPolicy,
  attempt: number,
  {
    retryAfter,
    chance,
    now,
  }: { readonly retryAfter: string | undefined; readonly chance: number; readonly now: number },
): number {
  const asked = retryAfterMs(retryAfter, now)
  const backoff = pause * 2 ** (attempt - 1)
  return Math.min(longest, Math.max(asked, backoff * (0.5 + chance / 2)))
}

function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined || header === '') return 0
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}
