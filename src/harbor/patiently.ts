import { setTimeout } from 'node:timers/promises'
import { CUT_SHORT, HarborError, Unreachable } from './errors.ts'
import { isTransient, pauseBefore, type RetryPolicy } from './retry.ts'
import { mayConnectLater } from './unreachable.ts'

export interface Patience {
  readonly retry: RetryPolicy
  /** Told of everything that is tried again, and why. */
  readonly onRetry?: ((error: HarborError, pauseMs: number) => void) | undefined
}

/**
 * Tries again after what may pass: 429 (as long as Retry-After asks), 5xx, cut connections, and answers that were cut
 * short.
 *
 * @param work must do no harm when it is done twice
 * @throws HarborError of the last try
 */
export async function patiently<T>({ retry, onRetry }: Patience, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof HarborError) || attempt >= retry.attempts || !mayPass(error)) throw error
      const pause = pauseBefore(retry, attempt, {
        retryAfter: error.retryAfter,
        chance: Math.random(),
        now: Date.now(),
      })
      onRetry?.(error, pause)
      await setTimeout(pause)
    }
  }
}

function mayPass(error: HarborError): boolean {
  if (error instanceof Unreachable) return mayConnectLater(error)
  return error.code === CUT_SHORT || isTransient(error.status)
}
