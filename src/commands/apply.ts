import process from 'node:process'
import { carryOut, type CarriedOut } from '../apply/carry-out.ts'
import { refusalOf, type Refusal } from '../apply/check.ts'
import { DueCheck } from '../apply/due.ts'
import { preflight } from '../apply/preflight.ts'
import { blobKeeper } from '../apply/keep-blobs.ts'
import type { ActionResult } from '../apply/types.ts'
import { binFolder, readBin } from '../bin/bin.ts'
import { Journal } from '../bin/journal.ts'
import { JOURNAL_FORMAT } from '../bin/records.ts'
import { crawl } from '../crawl/crawl.ts'
import { HarborError } from '../harbor/errors.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Inventory } from '../inventory/types.ts'
import { assemblePlan, type Assembled, type Circumstances } from '../plan/assemble.ts'
import { sha256 } from '../plan/id.ts'
import { readPlan, type ReadPlan } from '../plan/read.ts'
import { needsOf } from '../policy/needs.ts'
import type { Policy } from '../policy/types.ts'
import { messageOf } from '../shared/failure.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { VERSION } from '../version.ts'
import { readAgain } from './again.ts'
import { connectHarbor, type Connected } from './connect.ts'
import { readInputFile } from './files.ts'
import { Failed, type Outcome } from './outcome.ts'
import { readPolicy } from './policy.ts'
import { publishApplied } from './applied.ts'

/**
 * Carries out one approved plan, as far as it is still true, and nothing beyond it.
 *
 * @param present the moment of the run
 * @throws Failed when nothing was changed, with why
 */
export async function apply(settings: Settings, host: Host, present: Instant): Promise<Outcome> {
  refusePullRequests(process.env['GITHUB_EVENT_NAME'] ?? '')
  const plan = await planToApply(settings)
  const { policy, bytes } = await readPolicy(settings, host)
  refuse(
    refusalOf(plan, {
      planId: settings.planId,
      harborUrl: settings.harbor.url,
      policyFile: settings.policy,
      policyDigest: sha256(bytes),
      maxPlanAge: policy.limits.maxPlanAge,
      present,
    }),
  )
  const connected = await connectHarbor(settings, host)
  try {
    refuse(await askedOfHarbor(connected, plan, host))
    const afresh = await decideAfresh(plan, policy, { connected, settings, host, present })
    const carried = await carry(plan, policy, afresh, { connected, settings, host, present })
    return await publishApplied(plan, policy, carried, { connected, settings, host, present })
  } finally {
    await connected.close()
  }
}

export interface Applying {
  readonly connected: Connected
  readonly settings: Settings
  readonly host: Host
  readonly present: Instant
}

/** A pull request may change the policy and the workflow; what it wants deleted nobody has approved. */
function refusePullRequests(event: string): void {
  if (!event.startsWith('pull_request')) return
  const message = `apply does not run on ${event}: what a pull request proposes is approved by merging it; run it on push, schedule or workflow_dispatch`
  throw new Failed(message, { status: 2, reason: 'pull-request' })
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

function refuse(refusal: Refusal | undefined): void {
  if (refusal === undefined) return
  throw new Failed(`nothing was changed: ${refusal.message}`, { status: 1, reason: refusal.reason })
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

interface Decided {
  readonly inventory: Inventory
  readonly assembled: Assembled
}

/** Reads and decides the repositories that a plan touches once more, by the same policy. */
async function decideAfresh(
  plan: ReadPlan,
  policy: Policy,
  { connected: { harbor, account }, settings: { concurrency, mirrorPrefix }, host, present }: Applying,
): Promise<Decided> {
  const touched = new Set(plan.actions.map(({ repository }) => repository))
  const projects = new Set([...touched].map((name) => name.slice(0, name.indexOf('/'))))
  const needs = {
    ...needsOf(policy),
    project: (name: string) => projects.has(name),
    repository: (name: string) => touched.has(name),
  }
  host.progress(`reading again what the plan touches: ${touched.size} repositories`)
  const circumstances: Circumstances = {
    tool: `harbor-dredge ${VERSION}`,
    harbor: plan.harbor,
    policyFile: plan.policy,
    createdAt: present,
    now: present,
    otherTime: false,
    mirrorPrefix,
  }
  const crawled = await crawl(harbor, needs, { version: account.version, concurrency })
  const inventory = await readAgain(crawled, policy, circumstances, concurrency)
  return { inventory, assembled: assemblePlan(policy, inventory, circumstances) }
}

async function carry(
  plan: ReadPlan,
  policy: Policy,
  { inventory, assembled }: Decided,
  { connected: { harbor, changes }, settings, host, present }: Applying,
): Promise<CarriedOut> {
  const folder = binFolder(settings.workDir)
  const bin = await readBin(folder).catch((error: unknown) => {
    throw withoutJournal(error)
  })
  for (const damage of bin.damage) host.warn(damage)
  const due = new DueCheck({
    assembled,
    inventory,
    outcomes: bin.outcomes.get(plan.id) ?? new Map(),
    saved: new Map(bin.items.filter((item) => item.plan === plan.id).map((item) => [item.item, item])),
    present,
  })
  const journal = await begin(folder, plan, present)
  try {
    let done = 0
    return await carryOut(plan.actions, inventory, {
      standingOf: (action) => due.standingOf(action),
      tools: {
        harbor,
        changes,
        journal,
        clock: Date.now,
        keepBlobs: blobKeeper(harbor, policy.trash !== undefined),
      },
      width: settings.concurrency,
      onDone: (result) => {
        done += 1
        if (result.outcome === 'failed') host.warn(`${nameOf(result)}: ${result.why}`)
        if (done % 50 === 0) host.progress(`${done} of ${plan.actions.length} actions settled`)
      },
    })
  } finally {
    await journal.close()
  }
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
        tool: `harbor-dredge ${VERSION}`,
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
