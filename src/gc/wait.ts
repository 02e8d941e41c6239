import { HarborError } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import { isTransient } from '../harbor/retry.ts'
import type { GcRunAnswer } from '../harbor/schemas.ts'
import { formatDuration, type Duration } from '../shared/duration.ts'
import { Stopped } from './failure.ts'
import { freedBy, hasEnded } from './runs.ts'
import type { Freed, Teller, Time } from './types.ts'

const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 5000
/** Harbor writes down what was freed beside the status, and may do so a moment later. */
const LOOKS_FOR_FREED = 3

/** What waiting takes. */
export interface Waiting {
  readonly harbor: Harbor
  readonly teller: Teller
  readonly time: Time
  readonly wait: Duration
  /** Done between looks. */
  readonly meanwhile: () => Promise<void>
}

/**
 * Waits for a garbage collection to end.
 *
 * @returns what it freed; undefined where Harbor doesn't say
 * @throws Stopped when it ends otherwise than well, or not in time; HarborError when it can't be seen
 */
export async function waitFor(id: number, waiting: Waiting): Promise<Freed | undefined> {
  const { harbor, teller, time, wait, meanwhile } = waiting
  const began = time.now()
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 1.5)) {
    const seen = await look(id, harbor)
    if (!(seen instanceof HarborError) && hasEnded(seen)) return ended(seen, harbor, time)
    const passed = time.now() - began
    const status = seen instanceof HarborError ? seen.message : seen.job_status
    if (passed >= wait) {
      const message = `garbage collection ${id} had not ended after ${formatDuration(wait)} (${status}), which is gc.wait in the policy; it goes on in Harbor, where Administration, Clean Up shows what becomes of it`
      throw new Stopped('gc-timeout', message)
    }
    teller.progress(`garbage collection ${id}: ${status}, for ${Math.round(passed / 1000)} s`)
    await meanwhile()
    await time.pause(Math.min(pause, wait - passed))
  }
}

/** What may pass is no reason to stop waiting: Harbor's core may be started anew meanwhile. */
async function look(id: number, harbor: Harbor): Promise<GcRunAnswer | HarborError> {
  try {
    return await harbor.gcRun(id)
  } catch (error) {
    if (error instanceof HarborError && (error.status === 0 || isTransient(error.status))) return error
    throw error
  }
}

async function ended(run: GcRunAnswer, harbor: Harbor, time: Time): Promise<Freed | undefined> {
  const { id, job_status: status } = run
  if (status !== 'Success') {
    const message = `garbage collection ${id} ended in Harbor as ${status}: its log (Administration, Clean Up) says why; what it freed until then is not known`
    throw new Stopped('gc-failed', message)
  }
  let freed = freedBy(run)
  for (let looks = 0; freed === undefined && looks < LOOKS_FOR_FREED; looks += 1) {
    await time.pause(FIRST_PAUSE)
    freed = freedBy(await harbor.gcRun(id))
  }
  return freed
}
