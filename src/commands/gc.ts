import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { binFolder, readBin, type BinItem } from '../bin/bin.ts'
import { collect, REAL_TIME } from '../gc/collect.ts'
import type { Collected, Time } from '../gc/types.ts'
import type { Settings } from '../inputs/settings.ts'
import { DEFAULT_GC } from '../policy/compile.ts'
import type { Policy } from '../policy/types.ts'
import { collectedContent } from '../report/collected.ts'
import { codeOf } from '../shared/failure.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { TOOL } from '../version.ts'
import { connectHarbor, type Connected } from './connect.ts'
import { writeOutputFile } from './files.ts'
import { Failed, type Outcome } from './outcome.ts'
import { readPolicy } from './policy.ts'

/**
 * Has Harbor collect its garbage, waits, and tells what it freed. The recycle bin survives it.
 *
 * @param present the moment of the run
 * @throws Failed when it can't be begun
 */
export async function gc(settings: Settings, host: Host, present: Instant): Promise<Outcome> {
  const policy = await policyIfThere(settings, host)
  const connected = await connectHarbor(settings, host)
  try {
    const time = timeFrom(present)
    const collected = await collectGarbage(policy ?? NO_POLICY, { connected, settings, host }, { time })
    const { url } = settings.harbor
    host.report(
      collectedContent(collected, {
        url,
        harbor: `${url} ${connected.account.version}`,
        tool: TOOL,
        policyFile: policy === undefined ? '' : settings.policy,
      }),
    )
    if (collected.failure === undefined) return { status: 0, reason: '' }
    host.complain(collected.failure.message)
    return { status: 1, reason: collected.failure.reason }
  } finally {
    await connected.close()
  }
}

/** Where garbage is collected, and who is told. */
export interface Collecting {
  readonly connected: Connected
  readonly settings: Settings
  readonly host: Host
}

/**
 * Collects garbage as a policy says, and writes what it came to into the work directory; also for an apply, once its
 * journal is closed. What failed stands in `failure`: this doesn't throw for it.
 *
 * @param expectedBytes what the plan said to the byte, if all of it was carried out
 * @throws Failed when the result can't be written
 */
export async function collectGarbage(
  { gc: { deleteUntagged, wait }, trash }: Pick<Policy, 'gc' | 'trash'>,
  { connected, settings, host }: Collecting,
  {
    expectedBytes,
    time = REAL_TIME,
  }: { readonly expectedBytes?: number | undefined; readonly time?: Time } = {},
): Promise<Collected> {
  const { workDir, dryRun, concurrency, harbor } = settings
  const bin = binFolder(workDir)
  const keep = trash?.keep
  const collected = await collect(
    connected,
    { deleteUntagged, wait, keep, bin, dryRun, concurrency, expectedBytes },
    host,
    time,
  )
  const result = resultOf(collected, harbor.url, time.now())
  await writeOutputFile(path.join(workDir, 'gc.json'), 'work-dir', [`${JSON.stringify(result, null, 2)}\n`])
  return collected
}

const RESULT_FORMAT = 'harbor-dredge/gc/1'
const NO_POLICY: Pick<Policy, 'gc' | 'trash'> = { gc: DEFAULT_GC, trash: undefined }

/** Undefined where there is no policy file: garbage can be collected without one. */
async function policyIfThere(settings: Settings, host: Host): Promise<Policy | undefined> {
  try {
    return (await readPolicy(settings, host)).policy
  } catch (error) {
    if (!(error instanceof Failed) || codeOf(error) !== 'ENOENT') throw error
    // A misspelt path would cost everything that trash.keep keeps.
    if ((await readBin(binFolder(settings.workDir))).items.length > 0) throw error
    host.warn(
      `${error.message}; garbage is collected without a policy, which keeps nothing restorable (trash.keep) and waits for 30 minutes (gc.wait)`,
    )
    return undefined
  }
}

/** The present, from when it was given on. */
function timeFrom(present: Instant): Time {
  const began = performance.now()
  return {
    now: () => present + Math.round(performance.now() - began),
    pause: async (length) => {
      await setTimeout(length)
    },
  }
}

function resultOf(collected: Collected, harbor: string, at: Instant): Readonly<Record<string, unknown>> {
  const { run, dryRun, freed, expectedBytes, keep, restorable, gone, leaving, dropped, warnings, failure } =
    collected
  return {
    format: RESULT_FORMAT,
    at: formatInstant(at),
    tool: TOOL,
    harbor,
    run: run ?? null,
    dryRun,
    freedBytes: freed?.bytes ?? null,
    purgedBlobs: freed?.blobs ?? null,
    purgedManifests: freed?.manifests ?? null,
    expectedBytes: expectedBytes ?? null,
    failure: failure ?? null,
    warnings,
    restorable: restorable.map((item) => ({ ...named(item), until: formatInstant(item.at + (keep ?? 0)) })),
    gone: gone.map((item) => named(item)),
    leaving: leaving.map((item) => named(item)),
    dropped,
  }
}

function named({ repository, digest, tags, at }: BinItem): Readonly<Record<string, unknown>> {
  return { repository, digest, tags, deleted: formatInstant(at) }
}
