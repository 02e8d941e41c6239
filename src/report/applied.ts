import type { ActionResult, Outcome } from '../apply/types.ts'
import type { ReadPlan } from '../plan/read.ts'
import { formatBytes } from '../shared/bytes.ts'
import type { Collected } from '../gc/types.ts'
import { collectedParts, collectedVerdict } from './collected.ts'
import type { Content } from './content.ts'
import { code, text, type Cell, type Table } from './table.ts'
import { image } from './tables.ts'
import { counted, grouped, HOW_WORDS } from './words.ts'

/** Who let an apply begin. */
export interface Approved {
  /** Null for an account that isn't there any more. */
  readonly by: string | null
  readonly words: string
  readonly environments: readonly string[]
}

/** What an apply came to, beside its results. */
export interface Applied {
  readonly plan: ReadPlan
  readonly results: readonly ActionResult[]
  /** Why it was ended early. */
  readonly broken: { readonly reason: 'journal' | 'harbor-unreachable'; readonly message: string } | undefined
  /** Who approved it, and with which words. */
  readonly approvals: readonly Approved[]
  readonly policyFile: string
  readonly harbor: string
  readonly tool: string
  /** Repositories that have nothing left in them, and whether they were removed. */
  readonly emptied: readonly { readonly name: string; readonly removed: boolean }[]
  /** The folder from which it can be restored. */
  readonly bin: string
  /** What garbage collection came to, where it was run. */
  readonly collected: Collected | undefined
}

export interface OutcomeTotals {
  readonly done: number
  readonly skipped: number
  readonly failed: number
}

/** How many actions came to what. */
export function totalsOf(results: readonly ActionResult[]): OutcomeTotals {
  const count = (outcome: Outcome): number => results.filter((result) => result.outcome === outcome).length
  return { done: count('done'), skipped: count('skipped'), failed: count('failed') }
}

/** What a report says of an apply. */
export function appliedContent(applied: Applied): Content {
  const { plan, results, broken, emptied, collected } = applied
  const totals = totalsOf(results)
  const earlier = results.filter((result) => result.earlier).length
  const deleted = results.filter(({ action, outcome }) => action.kind !== 'copy' && outcome === 'done').length
  const isFilled = ({ count }: Table): boolean => count > 0
  const { facts, notices, lists } =
    collected === undefined ? { facts: [], notices: [], lists: [] } : collectedParts(collected)
  return {
    title: `Harbor clean-up of ${new URL(plan.harbor.url).host}`,
    verdict: verdictOf(totals),
    facts: [
      ...applied.approvals.map((approval) => approvalWords(approval)),
      ...(earlier > 0
        ? [`${counted(earlier, 'action')} had been done by an earlier run of the same apply.`]
        : []),
      ...copiedWords(results),
      ...(collected === undefined ? freedWords(applied, deleted) : [collectedVerdict(collected), ...facts]),
      ...(deleted > 0 && collected === undefined
        ? [`What was deleted can be restored from ${applied.bin} until it is garbage collected.`]
        : []),
    ],
    problemsTitle: broken === undefined ? 'Not everything could be done.' : 'It was ended early.',
    problems: [
      ...(broken === undefined ? [] : [`${broken.message}; ${BROKEN[broken.reason]}`]),
      ...(collected?.failure === undefined ? [] : [collected.failure.message]),
      ...(totals.failed > 0
        ? [
            `${counted(totals.failed, 'action')} failed; run the same apply again, what was done is not repeated`,
          ]
        : []),
    ],
    notices: [
      {
        words: 'Repositories with nothing left in them:',
        names: emptied.filter(({ removed }) => !removed).map(({ name }) => name),
      },
      {
        words: 'Empty repositories that were removed:',
        names: emptied.filter(({ removed }) => removed).map(({ name }) => name),
      },
      ...notices,
    ].filter(({ names }) => names.length > 0),
    overview: [],
    lists: [
      resultsTable('Failed', results, 'failed'),
      resultsTable('Skipped', results, 'skipped'),
      copiedTable(results),
      resultsTable('Done', results, 'done'),
      ...lists,
    ].filter(isFilled),
    elsewhere: 'in result.json in the work directory',
    footer: [
      ['plan', plan.id],
      ['policy', applied.policyFile],
      ['Harbor', applied.harbor],
      ['by', applied.tool],
    ],
  }
}

function approvalWords({ by, words, environments }: Approved): string {
  const where = environments.length === 0 ? '' : ` for ${environments.join(', ')}`
  const said = words.trim() === '' ? ', without a word' : `: “${words.trim()}”`
  return `Approved by ${by ?? 'an account that is gone'}${where}${said}`
}

const BROKEN = {
  journal: 'make room or give another work-dir, and run the same apply again',
  'harbor-unreachable': 'run the same apply again once Harbor is back, what was done is not repeated',
} as const

function verdictOf({ done, skipped, failed }: OutcomeTotals): string {
  if (done + skipped + failed === 0) return 'There was nothing to do.'
  return `${counted(done, 'action')} done, ${grouped(skipped)} skipped, ${grouped(failed)} failed.`
}

/** What garbage collection frees, held against what the plan said. */
function freedWords({ plan, results }: Applied, deleted: number): readonly string[] {
  const { sizes, reclaimableBytes: bytes } = plan.totals
  if (bytes === null || deleted === 0) return []
  const figure = sizes === 'exact' ? formatBytes(bytes) : `at most ${formatBytes(bytes)}`
  const { skipped, failed } = totalsOf(results.filter(({ action }) => action.kind !== 'copy'))
  if (skipped + failed === 0) return [`Garbage collection then frees ${figure}, as planned.`]
  const why = [
    ...(failed > 0 ? [`${counted(failed, 'delete')} failed`] : []),
    ...(skipped > 0 ? [`${counted(skipped, 'delete')} ${skipped === 1 ? 'was' : 'were'} skipped`] : []),
  ].join(' and ')
  return [`Garbage collection frees less than the plan said, ${figure}: ${why}.`]
}

function resultsTable(title: string, results: readonly ActionResult[], outcome: Outcome): Table {
  const rows = results.filter((result) => result.outcome === outcome && !isCopied(result))
  const withWhy = outcome !== 'done'
  return {
    title,
    columns: [
      { name: 'What' },
      { name: 'Action' },
      { name: 'Rule' },
      { name: withWhy ? 'Why' : 'Why it went' },
    ],
    rows: rows.map(({ action, why }): readonly Cell[] => [
      image(action.repository, action.digest, action.kind === 'delete-tag' ? [action.tag] : action.tags),
      text(ACTIONS[action.kind]),
      code(action.rule),
      text(withWhy ? why : action.reason),
    ]),
    count: rows.length,
  }
}

/** Copies that were made, or had nothing to do: they have a table of their own. */
function isCopied({ action, outcome, sent }: ActionResult): boolean {
  return action.kind === 'copy' && outcome === 'done' && sent !== undefined
}

function copiedWords(results: readonly ActionResult[]): readonly string[] {
  const copied = results.filter((result) => isCopied(result))
  if (copied.length === 0) return []
  const there = copied.filter(({ sent }) => sent?.how === 'nothing').length
  const bytes = results.reduce((sum, { sent }) => sum + (sent?.bytes ?? 0), 0)
  const already = there === 0 ? '' : `, ${grouped(there)} of them already`
  const all = `${counted(copied.length, 'image')} ${copied.length === 1 ? 'is' : 'are'} at the mirror${already}`
  return [`${all}; ${bytes === 0 ? 'nothing' : formatBytes(bytes)} was sent.`]
}

function copiedTable(results: readonly ActionResult[]): Table {
  const rows = results.flatMap(({ action, outcome, sent }): readonly (readonly Cell[])[] => {
    if (action.kind !== 'copy' || outcome !== 'done' || sent === undefined) return []
    const { how, bytes, seconds } = sent
    return [
      [
        image(action.repository, action.digest, action.tags),
        code(action.target),
        text(HOW_WORDS[how]),
        text(bytes === 0 ? '' : formatBytes(bytes)),
        text(how === 'nothing' ? '' : `${seconds.toFixed(1)} s`),
        code(action.rule),
      ],
    ]
  })
  return {
    title: 'Copied',
    columns: [
      { name: 'What' },
      { name: 'To' },
      { name: 'How' },
      { name: 'Sent', align: 'right' },
      { name: 'Took', align: 'right' },
      { name: 'Rule' },
    ],
    rows,
    count: rows.length,
  }
}

const ACTIONS: Readonly<Record<ActionResult['action']['kind'], string>> = {
  'delete-artifact': 'delete artifact',
  'delete-tag': 'delete tag',
  copy: 'copy',
}
