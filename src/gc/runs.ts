import * as v from 'valibot'
import type { GcRunAnswer } from '../harbor/schemas.ts'
import type { Duration } from '../shared/duration.ts'
import { formatMinute, type Instant } from '../shared/instant.ts'
import { Stopped } from './failure.ts'
import type { Freed } from './types.ts'

const HOUR = 3_600_000
/** src/lib/config, GetGCTimeWindow: GC_TIME_WINDOW_HOURS of Harbor's core, 2 unless somebody changed it. */
const USUAL_WINDOW = 2 * HOUR

const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)))
const parameters = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    dry_run: v.optional(v.boolean()),
    time_window: v.optional(v.pipe(v.number(), v.minValue(0))),
    freed_space: count,
    purged_blobs: count,
    purged_manifests: count,
  }),
)

type Parameters = v.InferOutput<typeof parameters>

function parametersOf(run: GcRunAnswer): Parameters {
  const parsed = v.safeParse(parameters, run.job_parameters)
  return parsed.success ? parsed.output : {}
}

/** src/jobservice/job/status.go; everything else is before the end. */
const ENDS = new Set(['Success', 'Error', 'Stopped'])

export function hasEnded({ job_status: status }: GcRunAnswer): boolean {
  return ENDS.has(status)
}

/**
 * Makes sure that no garbage collection is under way: Harbor would take another one and let it wait (v2.15.1).
 *
 * @throws Stopped when one is
 */
export function refuseWhileRunning(runs: readonly GcRunAnswer[]): void {
  const running = runs.find((run) => !hasEnded(run))
  if (running === undefined) return
  const { id, job_status: status, creation_time: since } = running
  throw new Stopped(
    'gc-running',
    `garbage collection was not started: number ${id} is in Harbor since ${formatMinute(Date.parse(since))} (${status}), and another one would wait behind it; run gc again when that has ended, or stop it in Harbor (Administration, Clean Up) if it hangs`,
  )
}

/** How long Harbor keeps a blob that was pushed or asked for, as its latest garbage collection says. */
export function windowOf(runs: readonly GcRunAnswer[]): Duration {
  for (const run of runs) {
    const { time_window: hours } = parametersOf(run)
    if (hours !== undefined) return hours * HOUR
  }
  return USUAL_WINDOW
}

/** When garbage was last collected for real, as far as the list goes back. */
export function lastSweep(runs: readonly GcRunAnswer[]): Instant | undefined {
  const last = runs.find((run) => run.job_status === 'Success' && parametersOf(run).dry_run !== true)
  return last === undefined ? undefined : Date.parse(last.creation_time)
}

/** A garbage collection that wasn't there before, of the kind that was asked for; the newest of them. */
export function newRun(
  runs: readonly GcRunAnswer[],
  before: readonly GcRunAnswer[],
  dryRun: boolean,
): number | undefined {
  const known = Math.max(0, ...before.map(({ id }) => id))
  const ids = runs
    .filter((run) => run.id > known && (parametersOf(run).dry_run ?? dryRun) === dryRun)
    .map(({ id }) => id)
  return ids.length === 0 ? undefined : Math.max(...ids)
}

/** What a garbage collection that ended well freed; undefined while Harbor hasn't written it down. */
export function freedBy(run: GcRunAnswer): Freed | undefined {
  const { freed_space: bytes, purged_blobs: blobs, purged_manifests: manifests } = parametersOf(run)
  if (bytes === undefined && blobs === undefined && manifests === undefined) return undefined
  return { bytes: bytes ?? null, blobs: blobs ?? null, manifests: manifests ?? null }
}
