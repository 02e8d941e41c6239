import path from 'node:path'
import type { CarriedOut } from '../apply/carry-out.ts'
import { emptiedRepositories } from '../apply/empty.ts'
import type { ActionResult } from '../apply/types.ts'
import { binFolder } from '../bin/bin.ts'
import type { Collected } from '../gc/types.ts'
import type { ReadPlan } from '../plan/read.ts'
import type { Policy } from '../policy/types.ts'
import { appliedContent, totalsOf } from '../report/applied.ts'
import { jsonLines } from '../report/json-lines.ts'
import { formatInstant } from '../shared/instant.ts'
import { TOOL } from '../version.ts'
import { tellMerged } from './aftermath.ts'
import type { Applying } from './apply.ts'
import { approvalsOf } from './approvals.ts'
import { writeOutputFile } from './files.ts'
import { collectGarbage, type Collecting } from './gc.ts'
import { Failed, type Outcome } from './outcome.ts'

/**
 * Tells what an apply came to: outputs and result file first, then, once garbage is collected where the policy asks for
 * it, which takes a while, the report.
 */
export async function publishApplied(
  plan: ReadPlan,
  policy: Policy,
  carried: CarriedOut,
  { connected, github, settings, host, present }: Applying,
): Promise<Outcome> {
  const { results, broken } = carried
  const { workDir, harbor, policy: policyFile } = settings
  const totals = totalsOf(results)
  host.output('plan-id', plan.id)
  host.output('applied', String(totals.done))
  host.output('skipped', String(totals.skipped))
  host.output('failed', String(totals.failed))
  const deletedIn = new Set(deletesDone(results).map(({ action }) => action.repository))
  const emptied = await emptiedRepositories(connected, deletedIn, {
    remove: policy.limits.removeEmptyRepositories && broken === undefined,
    warn: (text) => {
      host.warn(text)
    },
  })
  const approvals = await approvalsOf(github, host)
  const unwritten = await failureOf(
    writeOutputFile(
      path.join(workDir, 'result.json'),
      'work-dir',
      jsonLines({
        format: RESULT_FORMAT,
        plan: plan.id,
        at: formatInstant(present),
        tool: TOOL,
        approvals,
        totals,
        emptied,
        results: results.map((result) => written(result)),
      }),
    ),
  )
  const collected = await collectedAfter(plan, policy, carried, { connected, settings, host })
  host.report(
    appliedContent({
      plan,
      results,
      broken,
      approvals,
      policyFile,
      harbor: `${harbor.url} ${connected.account.version}`,
      tool: TOOL,
      emptied,
      bin: binFolder(workDir),
      collected,
    }),
  )
  await tellMerged(github, settings, host, (run) => ({ state: 'applied', planId: plan.id, ...totals, run }))
  if (unwritten !== undefined) host.complain(unwritten.message)
  if (broken !== undefined) return { status: 1, reason: broken.reason }
  if (unwritten !== undefined) return unwritten.outcome
  if (totals.failed > 0) return { status: 1, reason: 'partly-failed' }
  if (collected?.failure === undefined) return { status: 0, reason: '' }
  host.complain(collected.failure.message)
  return { status: 1, reason: collected.failure.reason }
}

/** Why something could not be done; the report is shown all the same. */
async function failureOf(work: Promise<void>): Promise<Failed | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    if (error instanceof Failed) return error
    throw error
  }
}

function deletesDone(results: readonly ActionResult[]): readonly ActionResult[] {
  return results.filter(({ action, outcome }) => action.kind !== 'copy' && outcome === 'done')
}

/** Collects garbage where the policy asks for it and something was deleted. */
async function collectedAfter(
  { totals }: ReadPlan,
  policy: Policy,
  { results, broken }: CarriedOut,
  collecting: Collecting,
): Promise<Collected | undefined> {
  if (!policy.gc.run || deletesDone(results).length === 0 || broken !== undefined) return undefined
  const isExact = totals.sizes === 'exact' && results.every(({ outcome }) => outcome === 'done')
  const expectedBytes = isExact ? (totals.reclaimableBytes ?? undefined) : undefined
  try {
    return await collectGarbage(policy, collecting, { expectedBytes })
  } catch (error) {
    // What the apply itself came to is told all the same.
    if (!(error instanceof Failed)) throw error
    collecting.host.complain(error.message)
    return undefined
  }
}

const RESULT_FORMAT = 'harbor-dredge/result/1'

/** As the result file has it. */
function written({ action, outcome, why, earlier, sent }: ActionResult): Readonly<Record<string, unknown>> {
  const { kind, repository, digest, rule } = action
  const tags = action.kind === 'delete-tag' ? [action.tag] : action.tags
  const copied = action.kind === 'copy' ? { target: action.target, ...sent } : {}
  return { kind, repository, digest, tags, rule, outcome, why, earlier, ...copied }
}
