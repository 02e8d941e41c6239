import { formatBytes } from '../shared/bytes.ts'
import { formatDuration, type Duration } from '../shared/duration.ts'
import { formatMinute, type Instant } from '../shared/instant.ts'
import type { Content } from './content.ts'
import { code, text, type Cell, type Column, type Table } from './table.ts'
import { image } from './tables.ts'
import { counted } from './words.ts'

/** What became, or would become, of something that an apply deleted. */
export interface RestoreResult {
  readonly item: {
    readonly repository: string
    readonly digest: string
    readonly tags: readonly string[]
    /** When it was deleted. */
    readonly at: Instant
  }
  readonly outcome: 'restored' | 'partly' | 'already' | 'aside' | 'lost' | 'failed'
  readonly notes: readonly RestoreNote[]
  /** What of it came, or would come, from a mirror. */
  readonly mirrored: Mirrored
  /** Repositories at mirrors, with their hosts, that it was copied to. */
  readonly copiedTo: readonly string[]
}

export interface Mirrored {
  readonly blobs: number
  readonly bytes: number
  /** Repositories there, with their hosts. */
  readonly from: readonly string[]
}

export interface RestoreNote {
  readonly words: string
  readonly names: readonly string[]
  /** Nothing is wrong with it. */
  readonly harmless: boolean
}

/** What a restore came to, beside its results. */
export interface Restored {
  /** Whether it was done, or only looked at: what it would do, or what can come back and until when. */
  readonly mode: 'done' | 'dry-run' | 'list'
  readonly results: readonly RestoreResult[]
  readonly present: Instant
  /** How long what was deleted is kept, by the policy. */
  readonly keep: Duration | undefined
  /** When Harbor collects garbage by itself, as a cron expression; empty where it doesn't, or nobody knows. */
  readonly schedule: string
  /** Harbors that other items of the bin were deleted from, each with how many. */
  readonly others: readonly string[]
  /** What had a name that was asked for before what is put back had it. */
  readonly earlier: readonly string[]
  readonly harborUrl: string
  readonly version: string
  readonly tool: string
  /** The folder that it is restored from. */
  readonly bin: string
}

type Outcome = RestoreResult['outcome']

export interface RestoreTotals {
  readonly restored: number
  readonly partly: number
  readonly lost: number
  readonly failed: number
  /** There already, or left as it is. */
  readonly skipped: number
}

export function restoreTotals(results: readonly RestoreResult[]): RestoreTotals {
  const count = (outcome: Outcome): number => results.filter((result) => result.outcome === outcome).length
  const skipped = count('already') + count('aside')
  const [restored, partly] = [count('restored'), count('partly')]
  return { restored, partly, lost: count('lost'), failed: count('failed'), skipped }
}

/** What a report says of a restore. */
export function restoredContent(restored: Restored): Content {
  const { mode, results, harborUrl } = restored
  const totals = restoreTotals(results)
  const isFilled = ({ count }: Table): boolean => count > 0
  return {
    title: `Harbor restore for ${new URL(harborUrl).host}`,
    verdict: verdictOf(totals, mode),
    facts: factsOf(restored, totals),
    problemsTitle: mode === 'done' ? 'Not everything came back.' : 'Not everything would come back.',
    problems: mode === 'list' ? [] : problemsOf(totals),
    notices: [
      { words: 'Deleted from another Harbor, and left alone:', names: restored.others },
      {
        words: 'A name that was asked for had been on other images before; give these by digest:',
        names: restored.earlier,
      },
    ].filter(({ names }) => names.length > 0),
    overview: [troubleTable(restored)].filter(isFilled),
    lists: [
      comingTable(restored),
      asideTable(restored),
      remarksTable(restored),
      plainTable('There already', restored, ['already']),
    ].filter(isFilled),
    elsewhere: 'in restored.json in the work directory',
    footer: [
      ['bin', restored.bin],
      ['Harbor', `${harborUrl} ${restored.version}`],
      ['by', restored.tool],
    ],
  }
}

const VERBS = { done: 'put back', 'dry-run': 'would be put back', list: 'can come back' } as const

function verdictOf(
  { restored, partly, lost, failed, skipped }: RestoreTotals,
  mode: Restored['mode'],
): string {
  const verb = VERBS[mode]
  const parts = [
    restored > 0 || partly + lost + failed + skipped === 0 ? `${counted(restored, 'image')} ${verb}` : '',
    partly > 0 ? `${counted(partly, 'image')} ${verb} in part` : '',
    lost > 0 ? `${counted(lost, 'image')} cannot come back` : '',
    failed > 0 ? `${counted(failed, 'image')} failed` : '',
    skipped > 0 ? `${counted(skipped, 'image')} there already or left alone` : '',
  ]
  return `${parts.filter((part) => part !== '').join('; ')}.`
}

function factsOf(told: Restored, { restored, partly }: RestoreTotals): readonly string[] {
  const { mode, keep, schedule, results } = told
  const isAny = restored + partly > 0
  const copied = results.filter((result) => isComing(result) && result.copiedTo.length > 0).length
  const fromMirror = mirroredWords(told)
  if (mode === 'done') {
    return isAny
      ? [
          ...fromMirror,
          'To Harbor they are pushed anew: their push and pull times are new, their scan results gone.',
        ]
      : fromMirror
  }
  const looked =
    'Nothing was changed. The blobs that are still there were asked for, which keeps them from garbage collection for two hours.'
  if (mode === 'dry-run' || !isAny) return [...fromMirror, looked]
  return [
    ...fromMirror,
    looked,
    keep === undefined
      ? "It can come back until Harbor's next garbage collection; `trash.keep` in the policy keeps it for longer."
      : `It is kept for ${formatDuration(keep)} (trash.keep), as long as garbage is collected by harbor-dredge's \`gc\` only.`,
    ...(copied === 0
      ? []
      : [
          `As long as the mirror has what was copied to it (${counted(copied, 'image')}), that comes back with \`mirror-registry\` after garbage collection, too.`,
        ]),
    ...(schedule === ''
      ? []
      : [`Harbor collects garbage by itself as well (${schedule}), and knows nothing of \`trash.keep\`.`]),
  ]
}

const TAKEN = { done: 'came', 'dry-run': 'would come', list: 'can come' } as const

function mirroredWords({ mode, results }: Restored): readonly string[] {
  const taken = results.filter(({ mirrored }) => mirrored.blobs > 0)
  const blobs = taken.reduce((sum, { mirrored }) => sum + mirrored.blobs, 0)
  const bytes = taken.reduce((sum, { mirrored }) => sum + mirrored.bytes, 0)
  const size = `${counted(blobs, 'blob')} of ${counted(taken.length, 'image')}, ${formatBytes(bytes)},`
  return blobs === 0 ? [] : [`${size} ${TAKEN[mode]} from the mirror, where Harbor has them no more.`]
}

function problemsOf({ partly, lost, failed }: RestoreTotals): readonly string[] {
  return [
    lost > 0 ? `${counted(lost, 'image')} cannot come back; what is missing stands below` : '',
    partly > 0 ? `${counted(partly, 'image')} only in part; what is missing stands below` : '',
    failed > 0 ? `${counted(failed, 'image')} failed; restore again, what is there is not put twice` : '',
  ].filter((problem) => problem !== '')
}

function nameCell({ item }: RestoreResult): Cell {
  return image(item.repository, item.digest, item.tags)
}

function ageCell({ item }: RestoreResult, present: Instant): Cell {
  return text(formatDuration(present - item.at))
}

const AGE: Column = { name: 'Deleted', align: 'right' }

/** What doesn't come back, or not whole: a row for each thing that is missing or went wrong. */
function troubleTable({ results, present, mode }: Restored): Table {
  const rows = results.flatMap((result): readonly (readonly Cell[])[] => {
    if (!['partly', 'lost', 'failed'].includes(result.outcome)) return []
    const troubles = result.notes.filter(({ harmless }) => !harmless || result.outcome === 'lost')
    return troubles.flatMap(({ words, names }) =>
      (names.length === 0 ? [''] : names).map((name) => [
        nameCell(result),
        ageCell(result, present),
        text(result.outcome === 'partly' ? 'in part' : 'no'),
        name === '' ? text('') : code(name),
        text(words),
      ]),
    )
  })
  return {
    title: mode === 'done' ? 'What is missing' : 'What would be missing',
    columns: [{ name: 'What' }, AGE, { name: 'Back' }, { name: 'Missing' }, { name: 'Why' }],
    rows,
    count: rows.length,
  }
}

const COMING = { done: 'Put back', 'dry-run': 'Would be put back', list: 'Can come back' } as const

function comingTable(restored: Restored): Table {
  const { mode, results, present, keep } = restored
  const coming = results.filter((result) => isComing(result))
  const isMirrored = coming.some(({ mirrored }) => mirrored.blobs > 0)
  return {
    title: COMING[mode],
    columns: [
      { name: 'What' },
      AGE,
      ...(mode === 'list' ? [{ name: 'Until' }] : []),
      ...(isMirrored ? ([{ name: 'From the mirror', align: 'right' }, { name: 'There in' }] as const) : []),
    ],
    rows: coming.map((result) => [
      nameCell(result),
      ageCell(result, present),
      ...(mode === 'list' ? [text(untilWords(result, present, keep))] : []),
      ...(isMirrored ? mirroredCells(result) : []),
    ]),
    count: coming.length,
  }
}

function isComing({ outcome }: RestoreResult): boolean {
  return outcome === 'restored' || outcome === 'partly'
}

function mirroredCells({ mirrored: { blobs, bytes, from } }: RestoreResult): readonly Cell[] {
  return [text(blobs === 0 ? '' : `${counted(blobs, 'blob')}, ${formatBytes(bytes)}`), { codes: from }]
}

function untilWords(
  { item: { at }, mirrored, copiedTo }: RestoreResult,
  present: Instant,
  keep: Duration | undefined,
): string {
  if (mirrored.blobs > 0) return 'it is gone from the mirror, too'
  const until =
    keep === undefined || at + keep <= present ? 'the next garbage collection' : formatMinute(at + keep)
  return copiedTo.length === 0 ? until : `${until}; then from ${copiedTo.join(', ')}`
}

function plainTable(title: string, { results, present }: Restored, outcomes: readonly Outcome[]): Table {
  const shown = results.filter(({ outcome }) => outcomes.includes(outcome))
  return {
    title,
    columns: [{ name: 'What' }, AGE],
    rows: shown.map((result) => [nameCell(result), ageCell(result, present)]),
    count: shown.length,
  }
}

/** What nobody asked for by name. */
function asideTable({ results, present }: Restored): Table {
  const shown = results.filter(({ outcome }) => outcome === 'aside')
  return {
    title: 'Left as it is',
    columns: [{ name: 'What' }, AGE, { name: 'Why' }],
    rows: shown.map((result) => [
      nameCell(result),
      ageCell(result, present),
      text(result.notes.map(({ words }) => words).join('; ')),
    ]),
    count: shown.length,
  }
}

/** What is otherwise than it was, and not wrong. */
function remarksTable({ results }: Restored): Table {
  const rows = results.flatMap((result): readonly (readonly Cell[])[] =>
    ['restored', 'partly', 'already'].includes(result.outcome)
      ? result.notes
          .filter(({ harmless }) => harmless)
          .map(({ words, names }) => [nameCell(result), { codes: names }, text(words)])
      : [],
  )
  return {
    title: 'Otherwise than it was',
    columns: [{ name: 'What' }, { name: 'Which' }, { name: 'How' }],
    rows,
    count: rows.length,
  }
}
