import { changesOf } from '../plan/mirrored.ts'
import type { Plan } from '../plan/types.ts'
import { codeSpan, cut, markdownText } from './escape.ts'
import { markdownLink, type Link } from './link.ts'
import { grouped, shortDigest } from './words.ts'

/** Where a plan that a comment shows is in its life. */
export type Status =
  /** Made for a pull request; something is in its way, or there is nothing to do. */
  | { readonly state: 'planned' | 'blocked' | 'idle' }
  /** The plan is out of date: another was made, or the pull request is closed. */
  | { readonly state: 'superseded'; readonly by?: Link }
  /** The plan that was made after the merge waits for somebody. */
  | { readonly state: 'waiting'; readonly planId: string; readonly run: Link }
  | { readonly state: 'applying'; readonly planId: string; readonly run: Link }
  | {
      readonly state: 'applied'
      readonly planId: string
      readonly done: number
      readonly skipped: number
      readonly failed: number
      readonly run: Link
    }
  /** There is no plan, or it was not carried out. */
  | { readonly state: 'failed'; readonly why: string; readonly run?: Link }
  /** Harbor was not asked: without secrets there is only the policy to be looked at. */
  | { readonly state: 'offline'; readonly why: string }

/**
 * The status of a plan that was made for a pull request; of none where the policy is removed. To copy what is at the
 * mirror already is nothing to do.
 */
export function plannedStatus(plan: Plan | undefined): Status {
  if (plan !== undefined && plan.problems.length > 0) return { state: 'blocked' }
  return { state: plan === undefined || changesOf(plan) === 0 ? 'idle' : 'planned' }
}

/** Bytes that a status takes at most, so that another fits in its place. */
export const STATUS_BYTES = 4000

const LONGEST_WHY = 300
const [START, END] = ['<!-- status -->', '<!-- /status -->']

/** Where a plan is, and what comes next, between marks by which it is found again. */
export function statusBlock(status: Status): string {
  return `${START}\n${statusLine(status)}\n${END}`
}

/**
 * A comment with another status in the place of the one that it has. Somebody may have edited it: one without a status
 * gets it before its second line.
 */
export function withStatus(comment: string, status: Status): string {
  const start = comment.indexOf(START)
  const end = comment.indexOf(END, start)
  if (start !== -1 && end !== -1) {
    return `${comment.slice(0, start)}${statusBlock(status)}${comment.slice(end + END.length)}`
  }
  const [marker = '', ...rest] = comment.split('\n')
  return [marker, '', statusBlock(status), '', ...rest].join('\n')
}

function statusLine(status: Status): string {
  switch (status.state) {
    case 'planned': {
      return '📋 **Planned.** Nothing goes before this is merged, and then only what is still due.'
    }
    case 'blocked': {
      return '🚧 **Planned**, and cannot be applied as it is: what follows says why.'
    }
    case 'idle': {
      return '📋 **Planned.** There is nothing to do.'
    }
    case 'superseded': {
      const by = status.by === undefined ? '' : ` by ${markdownLink(status.by)}`
      return `🕸️ **Superseded**${by}: what follows is out of date.`
    }
    case 'waiting': {
      return `⏳ **Waiting for approval** in ${markdownLink(status.run)}: plan ${planName(status.planId)}, made after the merge.`
    }
    case 'applying': {
      return `🔄 **Being applied** in ${markdownLink(status.run)}: plan ${planName(status.planId)}.`
    }
    case 'applied': {
      return appliedLine(status)
    }
    case 'failed': {
      const where = status.run === undefined ? '' : ` See ${markdownLink(status.run)}.`
      return `❌ **Failed**: ${sentence(status.why)}${where}`
    }
    case 'offline': {
      return `🔎 **Checked offline only**: ${sentence(status.why)}`
    }
  }
}

function appliedLine({ planId, done, skipped, failed, run }: Extract<Status, { state: 'applied' }>): string {
  const all = done + skipped + failed
  const parts = [
    `${grouped(done)} of ${grouped(all)} done`,
    ...(skipped > 0 ? [`${grouped(skipped)} skipped`] : []),
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
  ]
  const verdict = failed > 0 ? '⚠️ **Partly applied**' : '✅ **Applied**'
  return `${verdict}: ${parts.join(', ')}, in ${markdownLink(run)}; plan ${planName(planId)}.`
}

function planName(id: string): string {
  return codeSpan(cut(shortDigest(id), 20))
}

function sentence(words: string): string {
  const line = markdownText(cut(words.trim(), LONGEST_WHY))
  return /[.!?…]$/.test(line) ? line : `${line}.`
}
