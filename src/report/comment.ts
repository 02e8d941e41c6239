import type { Assembled } from '../plan/assemble.ts'
import { formatMinute, type Instant } from '../shared/instant.ts'
import { problemsBlock } from './blocks.ts'
import { contentOf, type Asides, type Content } from './content.ts'
import { editHead, editTables } from './edit-markdown.ts'
import { editSection, type Edit, type EditSection } from './edit.ts'
import { byteLength, codeSpan, cut, htmlText, markdownText } from './escape.ts'
import { markdownLink, type Link } from './link.ts'
import { bodyBlocks, PROBLEMS_SHARE } from './markdown.ts'
import { BETWEEN, takeInTurn, type Block } from './room.ts'
import { statusBlock, STATUS_BYTES, type Status } from './status.ts'
import { shortDigest } from './words.ts'

/**
 * GitHub says 65,536 characters. What that counts has differed from one kind of text to another, and over the years:
 * bytes, or code points, or four times as many. So many bytes are within it by any count, and whatever line ends become.
 */
export const COMMENT_BYTES = 60_000

/** Of what room there is, as much as it needs up to this share is for what the edit changes. */
const EDIT_SHARE = 0.8

/** What a comment on a pull request is made of. */
export interface Comment {
  /** An HTML comment in one line, by which it is found again. */
  readonly marker: string
  readonly status: Status
  /** Harbor's host; empty where it isn't known. */
  readonly harbor: string
  /** What the pull request does to the policy; undefined where that isn't known. */
  readonly edit: Edit | undefined
  /** The plan and what is pointed out beside it; undefined where there is none. */
  readonly plan: (Assembled & { readonly asides: Asides }) | undefined
  /** What is wrong where there is no plan: each problem of the policy, with its place. */
  readonly problems: readonly string[]
  /** The moment that was decided for. */
  readonly now: Instant
  /** How long the plan can be applied. */
  readonly expires: Instant | undefined
  /** The commit of the pull request that the policy is from. */
  readonly commit: string
  /** The run that made it, where the job summary is. */
  readonly run: Link | undefined
}

/**
 * Renders a comment as GitHub-flavoured Markdown: what the edit changes, then the plan as a whole, folded. What doesn't
 * fit is left out by whole rows, and counted.
 *
 * @param limit bytes at most, those of any other status in the place of this one included
 */
export function renderComment(comment: Comment, limit = COMMENT_BYTES): string {
  const content = comment.plan && contentOf(comment.plan, comment.plan.asides)
  const section = comment.edit && editSection(comment.edit, comment.plan?.plan, comment.now)
  const status = statusBlock(comment.status)
  const top = [comment.marker, headingOf(comment), status]
  const foot = footerOf(comment)
  let room = limit - byteLength([...top, foot].join('\n\n')) - BETWEEN - (STATUS_BYTES - byteLength(status))
  const taking = (share: number, make: (room: number) => readonly string[]): readonly string[] => {
    const blocks = make(room * share)
    for (const block of blocks) room -= byteLength(block) + BETWEEN
    return blocks
  }
  const elsewhere = 'in the job summary, the plan and decisions files'
  const head = taking(1, (left) => takeInTurn(left, headBlocks(comment, section, content)))
  const tables = taking(content === undefined ? 1 : EDIT_SHARE, (left) =>
    section === undefined ? [] : editTables(section, { room: left, elsewhere }),
  )
  // Where it is all that there is to see, it isn't folded.
  const isOpen = section === undefined || comment.edit?.kind === 'unknown'
  const whole = taking(1, (left) =>
    content === undefined ? [] : planBlock({ ...content, elsewhere }, left, isOpen),
  )
  return [...top, ...head, ...tables, ...whole, foot].join('\n\n')
}

function headingOf({ harbor, plan }: Comment): string {
  const where = harbor === '' ? '' : ` of ${codeSpan(cut(harbor, 100))}`
  return plan === undefined
    ? `### Harbor clean-up${where}`
    : `### Harbor clean-up${where}: plan ${codeSpan(shortDigest(plan.plan.id))}`
}

/** What matters most, in this order. */
function headBlocks(
  { problems }: Comment,
  section: EditSection | undefined,
  content: Content | undefined,
): readonly Block[] {
  const ofPlan = content === undefined ? [] : content.problems
  return [
    ...(section === undefined ? [] : editHead(section, '##').map((block) => () => block)),
    (room) => problemsBlock(content?.problemsTitle ?? '', ofPlan, room * PROBLEMS_SHARE),
    (room) => problemsBlock('The policy has problems.', problems, room * PROBLEMS_SHARE),
  ]
}

/** The plan as a whole, behind a fold. */
function planBlock(content: Content, room: number, isOpen: boolean): readonly string[] {
  const start = `<details${isOpen ? ' open' : ''}><summary><b>The whole plan:</b> ${htmlText(content.verdict)}</summary>`
  const end = '</details>'
  const facts = content.facts.map((fact) => markdownText(fact))
  const left = room - byteLength([start, ...facts, end].join('\n\n')) - 2 * BETWEEN
  return left < 0 ? [] : [[start, ...facts, ...bodyBlocks(content, left), end].join('\n\n')]
}

function footerOf({ now, expires, commit, run, plan }: Comment): string {
  const parts = [
    `commit ${codeSpan(commit.slice(0, 10))}`,
    formatMinute(now),
    ...(expires === undefined ? [] : [`expires ${formatMinute(expires)}`]),
    ...(plan === undefined ? [] : [`by ${codeSpan(cut(plan.plan.tool, 100))}`]),
    ...(run === undefined ? [] : [markdownLink(run)]),
  ]
  return `<sub>${parts.join(' · ')}</sub>\n`
}
