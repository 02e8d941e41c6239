import process from 'node:process'
import { inBatches } from '../apply/batches.ts'
import type { Broken, CarriedOut } from '../apply/carry-out.ts'
import { refusalOf, type Refusal } from '../apply/check.ts'
import { DueCheck } from '../apply/due.ts'
import { preflight } from '../apply/preflight.ts'
import { blobKeeper } from '../apply/keep-blobs.ts'
import type { Tools } from '../apply/remove.ts'
import type { ActionResult, Outcome as ActionOutcome } from '../apply/types.ts'
import { binFolder, readBin } from '../bin/bin.ts'
import { Journal } from '../bin/journal.ts'
import { itemOf, JOURNAL_FORMAT } from '../bin/records.ts'
import { HarborError } from '../harbor/errors.ts'
import type { Settings } from '../inputs/settings.ts'
import { sha256 } from '../plan/id.ts'
import { copyName } from '../plan/copies.ts'
import { readPlan, type ReadPlan } from '../plan/read.ts'
import type { Action } from '../plan/types.ts'
import type { Policy } from '../policy/types.ts'
import { messageOf } from '../shared/failure.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { TOOL } from '../version.ts'
import { decideAfresh } from './afresh.ts'
import { tellMerged } from './aftermath.ts'
import { carryBatch } from './carry-batch.ts'
import { connectHarbor, type Connected } from './connect.ts'
import { CopyProgress } from './copy-progress.ts'
import { whenEnded } from './ended.ts'
import { readInputFile } from './files.ts'
import { openMirror } from './mirror.ts'
import { connectGitHub, type OnGitHub } from './on-github.ts'
import { Failed, refuse, type Outcome } from './outcome.ts'
import { readPolicy } from './policy.ts'
import { publishApplied } from './applied.ts'

/**
 * Carries out one approved plan, as far as it is still true, and nothing beyond it.
 *
 * @param present the moment of the run
 * @throws Failed when nothing was changed, with why
 */
export async function apply(settings: Settings, host: Host, present: Instant): Promise<Outcome> {
  refuseUnreviewed(process.env['GITHUB_EVENT_NAME'] ?? '')
  const plan = await planToApply(settings)
  const { policy, bytes } = await readPolicy(settings, host)
  refuse(
    refusalOf(plan, {
      planId: settings.planId,
      harborUrl: settings.harbor.url,
      mirrorPrefix: settings.mirror.prefix,
      policyFile: settings.policy,
      policyDigest: sha256(bytes),
      maxPlanAge: policy.limits.maxPlanAge,
      maxDeletes: policy.limits.maxDeletes,
      present,
    }),
  )
  const github = await connectGitHub(settings, host)
  try {
    return await applyTo(plan, policy, { github, settings, host, present })
  } catch (error) {
    if (error instanceof Failed) {
      await tellMerged(github, settings, host, (run) => ({ state: 'failed', why: error.message, run }))
    }
    throw error
  } finally {
    await github?.close()
  }
}

async function applyTo(
  plan: ReadPlan,
  policy: Policy,
  { github, settings, host, present }: Omit<Applying, 'connected'>,
): Promise<Outcome> {
  const connected = await connectHarbor(settings, host)
  try {
    refuse(await askedOfHarbor(connected, plan, host))
    const planId = plan.id
    await tellMerged(github, settings, host, (run) => ({ state: 'applying', planId, run }))
    const applying: Applying = { connected, github, settings, host, present }
    const carried = await carry(plan, policy, applying)
    return await publishApplied(plan, policy, carried, applying)
  } finally {
    await connected.close()
  }
}

export interface Applying {
  readonly connected: Connected
  readonly github: OnGitHub | undefined
  readonly settings: Settings
  readonly host: Host
  readonly present: Instant
}

/** Events that anybody can cause, or that come before a merge: what these want deleted nobody has approved. */
const UNREVIEWED = /^pull_request|^merge_group$|_comment$|^(?:issues|discussion)$/

/** A pull request may change the policy and the workflow, and a comment has no commit that was looked at. */
function refuseUnreviewed(event: string): void {
  if (!UNREVIEWED.test(event)) return
  const message = `apply does not run on ${event}: what a pull request proposes is approved by merging it; run it on push, schedule or workflow_dispatch`
  const reason = event.startsWith('pull_request') ? 'pull-request' : 'unreviewed-event'
  throw new Failed(message, { status: 2, reason })
}

async function planToApply({ planFile, planId }: Settings): Promise<ReadPlan> {
  if (planId === '') {
    const message =
      '`plan-id` is missing: apply carries out only the plan that was approved; plan prints its id'
    throw new Failed(message, { status: 2, reason: 'plan-id' })
  }
  const read = readPlan((await readInputFile(planFile, 'plan-file')).toString('utf8'))
  if ('plan' in read) return read.plan
  const reason = read.fault === 'format' ? 'plan-format' : 'plan-unreadable'
  throw new Failed(`${planFile}: ${read.message}`, { status: 2, reason })
}

async function askedOfHarbor(
  { harbor, account }: Connected,
  plan: ReadPlan,
  host: Host,
): Promise<Refusal | undefined> {
  try {
    const { refusal, warnings } = await preflight(harbor, account, plan)
    for (const warning of warnings) host.warn(warning)
    return refusal
  } catch (error) {
    if (!(error instanceof HarborError)) throw error
    const message = `nothing was changed: ${error.message}`
    throw new Failed(message, { status: 1, reason: 'harbor-unreachable' }, { cause: error })
  }
}

/**
 * Carries a plan out, batch by batch: each is read and decided once more right before, so that it isn't carried out by
 * what was true long ago.
 */
async function carry(plan: ReadPlan, policy: Policy, applying: Applying): Promise<CarriedOut> {
  const { connected, settings, host, present } = applying
  const folder = binFolder(settings.workDir)
  const bin = await readBin(folder).catch((error: unknown) => {
    throw withoutJournal(error)
  })
  for (const damage of bin.damage) host.warn(damage)
  const outcomes = bin.outcomes.get(plan.id) ?? new Map<string, ActionOutcome>()
  const items = bin.items.filter((item) => item.plan === plan.id)
  const saved = new Map(items.map((item) => [item.item, item]))
  const copies = plan.actions.some(({ kind }) => kind === 'copy') && settings.mirror.url !== ''
  const opened = copies ? await openMirror(plan, policy, applying) : undefined
  const journal = await begin(folder, plan, present).catch(async (error: unknown) => {
    await opened?.close()
    throw error
  })
  const awaited = new Set(plan.actions.map((action) => (action.kind === 'copy' ? undefined : action.after)))
  const progress = new CopyProgress(
    host,
    plan.actions.filter(({ kind }) => kind === 'copy').length,
    () => opened?.mirror.bytes ?? 0,
  )
  const tools: Tools = {
    harbor: connected.harbor,
    changes: connected.changes,
    journal,
    clock: Date.now,
    keepBlobs: blobKeeper(connected.harbor, policy.trash !== undefined),
    copyImage:
      opened === undefined
        ? undefined
        : (copy, hanging) => {
            progress.begun(copy)
            return opened.mirror.copy({ ...copy, hanging, archived: awaited.has(copyName(copy)) })
          },
  }
  const results: ActionResult[] = []
  let broken: Broken | undefined
  const release = whenEnded((signal) => {
    host.complain(
      `ended by ${signal}; what was done is written down in ${folder}: run the same apply again, and it goes on where it stopped`,
    )
  })
  try {
    for (const actions of inBatches(plan.actions)) {
      if (broken !== undefined) {
        results.push(...notBegun(actions, outcomes, broken))
        continue
      }
      host.progress(`${results.length} of ${plan.actions.length} actions settled; looking at the next again`)
      const carried = await carryBatch(actions, {
        decide: () => decideAfresh(actions, plan, policy, applying),
        dueBy: (afresh) => new DueCheck({ ...afresh, actions, outcomes, saved, present }),
        prepare: async (next) => {
          await opened?.mirror.prepare(next)
        },
        tools,
        width: settings.concurrency,
        onDone: (result) => {
          progress.ended(result)
          if (result.outcome === 'failed') host.warn(`${nameOf(result)}: ${result.why}`)
        },
      })
      broken = carried.broken
      results.push(...carried.results)
    }
    return { results, broken }
  } finally {
    release()
    progress.close()
    await journal.close()
    await opened?.close()
  }
}

function notBegun(
  actions: readonly Action[],
  outcomes: ReadonlyMap<string, ActionOutcome>,
  { message }: Broken,
): readonly ActionResult[] {
  return actions.map((action) =>
    outcomes.get(itemOf(action)) === 'done'
      ? { action, outcome: 'done', why: '', earlier: true }
      : { action, outcome: 'failed', why: `not begun: ${message}`, earlier: false },
  )
}

async function begin(folder: string, plan: ReadPlan, present: Instant): Promise<Journal> {
  const at = formatInstant(present)
  const name = `${at.replaceAll(/[-:.]/g, '')}-${plan.id.slice(7, 19)}-${process.pid}.ndjson`
  try {
    const journal = await Journal.begin(folder, name)
    try {
      await journal.add({
        record: 'begun',
        format: JOURNAL_FORMAT,
        at,
        tool: TOOL,
        plan: plan.id,
        harbor: plan.harbor.url,
      })
      return journal
    } catch (error) {
      await journal.close()
      throw error
    }
  } catch (error) {
    throw withoutJournal(error)
  }
}

function withoutJournal(error: unknown): Failed {
  const message = `nothing was changed: ${messageOf(error)}; see the input \`work-dir\``
  return new Failed(message, { status: 1, reason: 'journal' }, { cause: error })
}

function nameOf({ action }: ActionResult): string {
  const tag = action.kind === 'delete-tag' ? `:${action.tag}` : `@${action.digest}`
  return `${action.repository}${tag}`
}
