import { setTimeout } from 'node:timers/promises'
import { CUT_SHORT, HarborError, Unreachable } from '../harbor/errors.ts'
import { isTransient, pauseBefore, type RetryPolicy } from '../harbor/retry.ts'
import { mayConnectLater } from '../harbor/unreachable.ts'

/** The code of an answer that isn't the content that was asked for. */
export const WRONG_CONTENT = 'WRONG_CONTENT'

/** Our own limit for one answer (undici's `maxResponseSize`); what is left can be asked for with Range. */
const OUR_LIMIT = 'UND_ERR_RES_EXCEEDED_MAX_SIZE'

/** Told of every request that is sent again, and why. */
export type OnRetry = (error: HarborError, pauseMs: number) => void

/** Waits between the tries of one read, and decides when it was enough. */
export class Tries {
  readonly #retry: RetryPolicy
  readonly #onRetry: OnRetry
  #failed = 0

  constructor(retry: RetryPolicy, onRetry: OnRetry) {
    this.#retry = retry
    this.#onRetry = onRetry
  }

  /** The last try got on well: what fails from here on counts from the start. */
  renew(): void {
    this.#failed = 0
  }

  /**
   * After a try that failed: returns when it is time for the next.
   *
   * @throws what came, if another try wouldn't help or there were enough; or when `signal` ends the wait
   */
  async after(error: unknown, signal: AbortSignal): Promise<void> {
    this.#failed += 1
    signal.throwIfAborted()
    const enough = this.#failed >= this.#retry.attempts
    if (enough || !(error instanceof HarborError) || !mayPass(error)) throw error
    const { retryAfter } = error
    const pause = pauseBefore(this.#retry, this.#failed, {
      retryAfter,
      chance: Math.random(),
      now: Date.now(),
    })
    this.#onRetry(error, pause)
    await setTimeout(pause, undefined, { signal })
  }
}

function mayPass(error: HarborError): boolean {
  if (error instanceof Unreachable) return error.code === OUR_LIMIT || mayConnectLater(error)
  return error.code === CUT_SHORT || error.code === WRONG_CONTENT || isTransient(error.status)
}
