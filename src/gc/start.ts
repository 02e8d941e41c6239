import type { HarborChanges } from '../harbor/changes.ts'
import { HarborError, mayHaveActed } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import type { GcRunAnswer } from '../harbor/schemas.ts'
import { Stopped } from './failure.ts'
import { newRun } from './runs.ts'
import type { Asked, Time } from './types.ts'

const LOOKS = 3
const PAUSE = 2000

/** What starting takes. */
export interface Starting {
  readonly harbor: Harbor
  readonly changes: HarborChanges
  readonly time: Time
  /** The garbage collections that there were before. */
  readonly before: readonly GcRunAnswer[]
}

/**
 * Starts a garbage collection, once: after an answer that doesn't tell whether it was started, the list does.
 *
 * @returns its id
 * @throws HarborError when it wasn't started, Stopped when it isn't in the list
 */
export async function startRun(
  { dryRun, deleteUntagged }: Pick<Asked, 'dryRun' | 'deleteUntagged'>,
  { harbor, changes, time, before }: Starting,
): Promise<number> {
  let unclear: HarborError | undefined
  try {
    const id = await changes.startGc({ dry_run: dryRun, delete_untagged: deleteUntagged })
    if (id !== undefined) return id
  } catch (error) {
    if (!(error instanceof HarborError) || !mayHaveActed(error)) throw error
    unclear = error
  }
  for (let looks = 0; looks < LOOKS; looks += 1) {
    await time.pause(PAUSE)
    const id = newRun(await harbor.gcRuns(), before, dryRun)
    if (id !== undefined) return id
  }
  const why = unclear === undefined ? '' : `: ${unclear.message}`
  const message = `Harbor was asked to collect garbage and shows no sign of it${why}; look in Harbor (Administration, Clean Up) before running gc again`
  throw new Stopped('gc-failed', message, { cause: unclear })
}
