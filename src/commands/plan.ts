import path from 'node:path'
import type { Settings } from '../inputs/settings.ts'
import type { Assembled } from '../plan/assemble.ts'
import { sha256 } from '../plan/id.ts'
import { changesOf } from '../plan/mirrored.ts'
import type { Plan } from '../plan/types.ts'
import type { Policy } from '../policy/types.ts'
import { contentOf, type Asides } from '../report/content.ts'
import { decisionLines } from '../report/decisions.ts'
import type { Edit } from '../report/edit.ts'
import { jsonLines } from '../report/json-lines.ts'
import type { Link } from '../report/link.ts'
import { plannedStatus } from '../report/status.ts'
import { checkedContent, removedContent } from '../report/without-plan.ts'
import type { Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { TOOL } from '../version.ts'
import { tellMerged, type Aftermath } from './aftermath.ts'
import { Discussion, type Said } from './discussion.ts'
import { writeOutputFile } from './files.ts'
import { makeEffect, makePlan, type Given, type Made } from './make-plan.ts'
import { connectGitHub } from './on-github.ts'
import { Failed, type Outcome } from './outcome.ts'
import { readPolicy } from './policy.ts'
import type { Proposal } from './proposal.ts'

/**
 * Crawls, decides, writes the plan file, the decisions and the report, and tells the pull request that it is for what
 * that changes. Changes nothing in Harbor, ever.
 *
 * @param present the moment of the run
 * @throws Failed when there is no plan to show
 */
export async function plan(settings: Settings, host: Host, present: Instant): Promise<Outcome> {
  keepApart(settings)
  const github = await connectGitHub(settings, host)
  const now = settings.now ?? present
  let discussion: Discussion | undefined
  try {
    discussion = await Discussion.begin(github, settings, host)
    const { said, outcome } = await saidOf(discussion?.proposal, settings, host, present)
    await discussion?.say(said, now)
    if (said.plan !== undefined) await tellMerged(github, settings, host, nextOf(said.plan.plan))
    return outcome
  } catch (error) {
    if (error instanceof Failed) {
      const status = { state: 'failed', why: error.message } as const
      await discussion?.say({ ...NOTHING, status, problems: error.problems }, now)
    }
    throw error
  } finally {
    await github?.close()
  }
}

interface Ended {
  readonly said: Said
  readonly outcome: Outcome
}

const NOTHING = { edit: undefined, plan: undefined, problems: [], expires: undefined } as const

async function saidOf(
  proposal: Proposal | undefined,
  settings: Settings,
  host: Host,
  present: Instant,
): Promise<Ended> {
  if (proposal?.kind === 'removed') return withoutPolicy(proposal.before, settings, host, present)
  const { policy, bytes } = await readPolicy(settings, host)
  if (settings.harbor.password === '') return checkedOnly(proposal, settings, host)
  const given = { policy, digest: sha256(bytes), edit: comparisonOf(proposal) }
  const made = await makePlan(given, settings, host, present)
  const edit = proposal && editOf(proposal, made)
  const asides = { ...made.asides, ...(edit === undefined ? {} : { edit }) }
  await publish(made, asides, settings, host)
  return {
    said: {
      status: plannedStatus(made.plan),
      edit,
      plan: { ...made, asides },
      problems: [],
      expires: made.plan.applyable ? present + policy.limits.maxPlanAge : undefined,
    },
    outcome: outcomeOf(made.plan, settings),
  }
}

/** What a plan is compared with: only what a pull request changes is worth deciding twice. */
function comparisonOf(proposal: Proposal | undefined): Given['edit'] {
  if (proposal?.kind === 'added') return { before: undefined }
  return proposal?.kind === 'changed' ? { before: proposal.before } : undefined
}

function editOf(proposal: Proposal, { effect }: Made): Edit {
  if (proposal.kind === 'unknown' || proposal.kind === 'untouched') return proposal
  return effect === undefined ? { kind: 'untouched' } : { kind: proposal.kind, effect }
}

/** A pull request without secrets gets told of its policy, and no more. */
function checkedOnly(proposal: Proposal | undefined, settings: Settings, host: Host): Ended {
  const why =
    'This run has no password for Harbor: GitHub gives no secrets to pull requests from forks, and to those of Dependabot only its own.'
  host.report(checkedContent(why, { policyFile: settings.policy, tool: TOOL }))
  host.output('changes', 'false')
  const edit: Edit =
    proposal?.kind === 'untouched'
      ? proposal
      : { kind: 'unknown', why: 'What it would delete is seen once it runs with secrets.' }
  return { said: { ...NOTHING, status: { state: 'offline', why }, edit }, outcome: DONE }
}

/** A pull request that removes the policy is told what goes no more. */
async function withoutPolicy(
  before: Policy,
  settings: Settings,
  host: Host,
  present: Instant,
): Promise<Ended> {
  const about = { policyFile: settings.policy, tool: TOOL }
  if (settings.harbor.password === '') return checkedOnly(undefined, settings, host)
  const effect = await makeEffect(before, settings, host, present)
  const edit: Edit = { kind: 'removed', effect }
  host.report(removedContent(edit, { ...about, now: settings.now ?? present, harbor: settings.harbor.url }))
  host.output('changes', 'false')
  return { said: { ...NOTHING, status: plannedStatus(undefined), edit }, outcome: DONE }
}

const DONE: Outcome = { status: 0, reason: '' }

/** What comes after a plan that was made after a merge. */
function nextOf(made: Plan): (run: Link) => Aftermath {
  return (run) => {
    const [problem] = made.problems
    if (problem !== undefined) return { state: 'failed', why: problem.message, run }
    return changesOf(made) > 0
      ? { state: 'waiting', planId: made.id, run }
      : { state: 'superseded', by: { ...run, words: `the plan of ${run.words}, which has nothing to do` } }
  }
}

/** @throws Failed when a file that is written would take the place of another */
function keepApart({ policy, planFile: made, decisionsFile }: Settings): void {
  const files = [
    ['policy', policy],
    ['plan-file', made],
    ['decisions-file', decisionsFile?.path ?? ''],
  ] as const
  for (const [index, [input, file]] of files.entries()) {
    const other = files.slice(0, index).find(([, before]) => path.resolve(before) === path.resolve(file))
    if (other === undefined || file === '') continue
    const message = `\`${input}\` and \`${other[0]}\` are one file, ${file}; give one of them another name`
    throw new Failed(message, { status: 2, reason: 'bad-input' })
  }
}

async function publish(assembled: Assembled, asides: Asides, settings: Settings, host: Host): Promise<void> {
  const { plan: made, repositories } = assembled
  const { planFile: file, decisionsFile } = settings
  await writeOutputFile(file, 'plan-file', jsonLines(made))
  if (decisionsFile !== undefined) {
    const now = settings.now ?? Date.parse(made.now)
    await writeOutputFile(
      decisionsFile.path,
      'decisions-file',
      decisionLines(repositories, now, decisionsFile.format),
    )
  }
  host.output('changes', String(changesOf(made) > 0))
  host.output('plan-id', made.id)
  host.output('plan-file', file)
  host.output('deletes', String(made.totals.deleteTags + made.totals.deleteArtifacts))
  host.output('copies', String(made.totals.copies))
  host.output('reclaimable-bytes', String(made.totals.reclaimableBytes ?? ''))
  host.report(contentOf(assembled, asides))
}

function outcomeOf(made: Plan, { failOnChanges }: Settings): Outcome {
  const { complete, problems } = made
  if (!complete) return { status: 1, reason: 'incomplete' }
  if (failOnChanges && changesOf(made) > 0) return { status: 3, reason: 'changes' }
  return { status: 0, reason: problems[0]?.code ?? '' }
}
