import path from 'node:path'
import type { CarriedOut } from '../apply/carry-out.ts'
import { emptiedRepositories } from '../apply/empty.ts'
import type { ActionResult } from '../apply/types.ts'
import { binFolder } from '../bin/bin.ts'
import type { Collected } from '../gc/types.ts'
import type { ReadPlan } from '../plan/read.ts'
import type { Policy } from '../policy/types.ts'
import { appliedContent, totalsOf, type Applied } from '../report/applied.ts'
import { formatInstant } from '../shared/instant.ts'
import { VERSION } from '../version.ts'
import type { Applying } from './apply.ts'
import { writeOutputFile } from './files.ts'
import { collectGarbage, type Collecting } from './gc.ts'
import { Failed, type Outcome } from './outcome.ts'

/** Tells what an apply came to: result file, outputs, report. */
export async function publishApplied(
  plan: ReadPlan,
  policy: Policy,
  { results, broken }: CarriedOut,
  { connected, settings, host, present }: Applying,
): Promise<Outcome> {
  const { workDir, harbor, policy: policyFile } = settings
  const touched = new Set(
    results.filter(({ outcome }) => outcome === 'done').map(({ action }) => action.repository),
  )
  const emptied = await emptiedRepositories(connected, touched, {
    remove: policy.limits.removeEmptyRepositories && broken === undefined,
    warn: (text) => {
      host.warn(text)
    },
  })
  const tool = `harbor-dredge ${VERSION}`
  const collected = await collectedAfter(plan, policy, { results, broken }, { connected, settings, host })
  const applied: Applied = {
    plan,
    results,
    broken,
    policyFile,
    harbor: `${harbor.url} ${connected.account.version}`,
    tool,
    emptied,
    bin: binFolder(workDir),
    collected,
  }
  const totals = totalsOf(results)
  host.output('plan-id', plan.id)
  host.output('applied', String(totals.done))
  host.output('skipped', String(totals.skipped))
  host.output('failed', String(totals.failed))
  host.report(appliedContent(applied))
  const head = { format: RESULT_FORMAT, plan: plan.id, at: formatInstant(present), tool, totals, emptied }
  try {
    await writeOutputFile(path.join(workDir, 'result.json'), 'work-dir', resultLines(head, results))
  } catch (error) {
    // On a full disk there is no room for it either, and the journal is what counts.
    if (broken === undefined || !(error instanceof Failed)) throw error
    host.complain(error.message)
  }
  if (broken !== undefined) return { status: 1, reason: broken.reason }
  if (totals.failed > 0) return { status: 1, reason: 'partly-failed' }
  if (collected?.failure === undefined) return { status: 0, reason: '' }
  host.complain(collected.failure.message)
  return { status: 1, reason: collected.failure.reason }
}

/** Collects garbage where the policy asks for it and something was deleted. */
async function collectedAfter(
  { totals }: ReadPlan,
  policy: Policy,
  { results, broken }: CarriedOut,
  collecting: Collecting,
): Promise<Collected | undefined> {
  const done = results.filter(({ outcome }) => outcome === 'done').length
  if (!policy.gc.run || done === 0 || broken !== undefined) return undefined
  const isExact = totals.sizes === 'exact' && done === results.length
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

/** JSON with a line for every action. */
function* resultLines(
  head: Readonly<Record<string, unknown>>,
  results: readonly ActionResult[],
): Generator<string> {
  for (const [index, [key, value]] of Object.entries(head).entries()) {
    yield `${index === 0 ? '{\n' : ',\n'}  ${JSON.stringify(key)}: ${JSON.stringify(value)}`
  }
  yield ',\n  "results": ['
  for (const [index, { action, outcome, why, earlier }] of results.entries()) {
    const { kind, repository, digest, rule } = action
    const tags = action.kind === 'delete-tag' ? [action.tag] : action.tags
    yield `${index === 0 ? '\n' : ',\n'}    ${JSON.stringify({ kind, repository, digest, tags, rule, outcome, why, earlier })}`
  }
  yield '\n  ]\n}\n'
}
