import { setTimeout } from 'node:timers/promises'
import { HarborError, Unreachable } from '../harbor/errors.ts'
import { isTransient, pauseBefore, type RetryPolicy } from '../harbor/retry.ts'
import { mayConnectLater } from '../harbor/unreachable.ts'

export interface Patience {
  readonly retry: RetryPolicy
  readonly onRetry: (error: HarborError, pauseMs: number) => void
}

/**
 * Makes a change that does no harm when it is made twice, again and again as long as what went wrong may pass.
 *
 * @throws HarborError of the last try
 */
export async function persist(change: () => Promise<void>, { retry, onRetry }: Patience): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await change()
      return
    } catch (error) {
      if (!(error instanceof HarborError) || attempt >= retry.attempts || !mayPass(error)) throw error
      const { retryAfter } = error
      const pause = pauseBefore(retry, attempt, { retryAfter, chance: Math.random(), now: Date.now() })
      onRetry(error, pause)
      await setTimeout(pause)
    }
  }
}

function mayPass(error: HarborError): boolean {
  return error instanceof Unreachable ? mayConnectLater(error) : isTransient(error.status)
}
