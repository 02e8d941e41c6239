import { Forbidden, HarborError, Unauthorized } from '../harbor/errors.ts'
import type { Failure } from './types.ts'

/** Ends a garbage collection early. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
  readonly failure: Failure

  constructor(reason: Failure['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.failure = { reason, message }
  }
}

const RIGHTS =
  'the account may not run garbage collection; give the robot the system permissions Create, Read and List Garbage Collection, or take the account of a system administrator'

export const READ_ONLY =
  'garbage collection was not started: Harbor is in read-only mode (Configuration, System Settings) and refuses it'

/**
 * Why it ended early, for what a step of it threw.
 *
 * @param run the garbage collection in Harbor, once there is one
 * @throws the error itself when it is a mistake in this program
 */
export function failureOf(error: unknown, run: number | undefined): Failure {
  if (error instanceof Stopped) return error.failure
  if (!(error instanceof HarborError)) throw error
  if (error instanceof Forbidden && error.code === 'DENIED') {
    return { reason: 'harbor-read-only', message: `${READ_ONLY}: ${error.message}` }
  }
  if (error instanceof Forbidden || error instanceof Unauthorized) {
    return { reason: 'unauthorized', message: `${RIGHTS}: ${error.message}` }
  }
  const what =
    run === undefined
      ? 'garbage collection was not started'
      : `garbage collection ${run} was started, and what becomes of it cannot be seen; look in Harbor (Administration, Clean Up)`
  return { reason: 'gc-failed', message: `${what}: ${error.message}` }
}
