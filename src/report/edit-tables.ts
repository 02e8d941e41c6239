import type { Change, ChangeGroup, ChangeKind } from '../plan/effect.ts'
import { reasonOf } from '../plan/reason.ts'
import type { Copy } from '../plan/types.ts'
import { Unit } from '../plan/unit.ts'
import { entryOf, type Verdict } from '../plan/verdict.ts'
import { formatBytes } from '../shared/bytes.ts'
import type { Instant } from '../shared/instant.ts'
import { compareText } from '../shared/order.ts'
import { age, copyRow, image, lazily, mapped } from './tables.ts'
import { code, text, type Cell, type Column, type Mark, type Table } from './table.ts'
import { counted } from './words.ts'

/** What a table of changes goes by. */
export interface Telling {
  readonly now: Instant
  /** Whether there was a policy before. */
  readonly hadPolicy: boolean
  /** Whether there is one now. */
  readonly hasPolicy: boolean
}

const WHAT: Column = { name: 'What' }
const SIZE: Column = { name: 'Size', align: 'right' }
const PULLED: Column = { name: 'Pulled', align: 'right' }

export const MARK_OF: Readonly<Record<ChangeKind, Mark>> = {
  deleted: 'lost',
  uncopied: 'endangered',
  archived: 'copied',
  rescued: 'saved',
  'other-rule': 'otherwise',
}

const TITLES: Readonly<Record<ChangeKind, string>> = {
  deleted: 'Newly deleted by',
  uncopied: 'No longer copied before they are deleted by',
  archived: 'From now on copied before they are deleted by',
  rescued: 'Rescued from',
  'other-rule': 'Deleted by',
}

/** What becomes of units by one rule. */
export function changesTable(group: ChangeGroup, telling: Telling): Table {
  const { kind, rule, instead, changes } = group
  const columns = COLUMNS[kind].filter(({ shown }) => shown?.(telling) ?? true)
  return {
    title: TITLES[kind],
    about: [
      code(rule.name),
      ...(rule.line === 0
        ? []
        : [text(`(line ${rule.line}${kind === 'rescued' ? ' before the edit' : ''})`)]),
      ...(instead === undefined ? [] : [text('instead of'), code(instead.name)]),
    ],
    mark: MARK_OF[kind],
    columns: columns.map(({ column }) => column),
    rows: lazily(function* rows() {
      for (const change of changes.toSorted(byFirstTag)) {
        yield columns.map(({ cell }) => cell(change, telling))
      }
    }),
    count: changes.length,
    sum: sumWords(group),
  }
}

interface ChangeColumn {
  readonly column: Column
  readonly cell: (change: Change, telling: Telling) => Cell
  /** Always, unless given. */
  readonly shown?: (telling: Telling) => boolean
}

const what: ChangeColumn = {
  column: WHAT,
  cell: ({ repository, artifact, tags }) =>
    image(repository, artifact.digest, tags.map(({ name }) => name).toSorted(compareText)),
}
const size: ChangeColumn = {
  column: SIZE,
  cell: ({ artifact, whole }) => text(whole ? formatBytes(artifact.size) : 'tag only'),
}
const pulled: ChangeColumn = {
  column: PULLED,
  cell: ({ artifact }, { now }) => text(artifact.pulled === null ? 'never' : age(artifact.pulled, now)),
}
const goes: ChangeColumn = {
  column: { name: 'Why it goes' },
  cell: (change, { now }) => whyCell(change, change.after, now),
}
const stayed: ChangeColumn = {
  column: { name: 'Why it stayed' },
  cell: (change, { now }) =>
    change.before === undefined ? text('was not in scope') : byCell(change, change.before, now),
  shown: ({ hadPolicy }) => hadPolicy,
}
const stays: ChangeColumn = {
  column: { name: 'Why it stays' },
  cell: (change, { now }) =>
    change.after === undefined ? text('no longer in scope') : byCell(change, change.after, now),
  shown: ({ hasPolicy }) => hasPolicy,
}
const went: ChangeColumn = {
  column: { name: 'Why it went' },
  cell: (change, { now }) => whyCell(change, change.before, now),
}

const COLUMNS: Readonly<Record<ChangeKind, readonly ChangeColumn[]>> = {
  deleted: [what, size, pulled, goes, stayed],
  uncopied: [what, pulled, goes],
  archived: [what, pulled, goes],
  rescued: [what, size, pulled, stays],
  'other-rule': [what, pulled, goes, went],
}

/** Why something goes, of which the title says by which rule. */
function whyCell(change: Change, verdict: Verdict | undefined, now: Instant): Cell {
  if (verdict === undefined) return text(change.along ?? '')
  const why = reasonOf(unitOf(change, verdict), now)
  return text(verdict.code === 'archive' ? `${why}; once it is copied and verified` : why)
}

/** Why something stays, and by what. */
function byCell(change: Change, verdict: Verdict, now: Instant): Cell {
  const by = entryOf(verdict)
  const why = reasonOf(unitOf(change, verdict), now)
  return by === undefined ? text(why) : { parts: [code(by.name), text(`: ${why}`)] }
}

/** The kind of its family makes no difference to words. */
function unitOf({ artifact, tags: [tag] }: Change, verdict: Verdict): Unit {
  const unit = new Unit(artifact, tag ?? null, 'tags')
  unit.verdict = verdict
  return unit
}

function sumWords({ units, bytes, changes }: ChangeGroup): string {
  const noun = changes.some(({ tags }) => tags.length > 0) ? 'tag' : 'untagged artifact'
  const sum = units === 0 ? counted(changes.length, 'artifact') : counted(units, noun)
  return bytes === 0 ? sum : `${sum}, ${formatBytes(bytes)}`
}

/** For people: by repository and tag, then what has no tag. */
function byFirstTag(a: Change, b: Change): number {
  const [[tag], [other]] = [a.tags, b.tags]
  return (
    compareText(a.repository, b.repository) ||
    Number(tag === undefined) - Number(other === undefined) ||
    compareText(tag?.name ?? a.artifact.digest, other?.name ?? b.artifact.digest)
  )
}

/** Copies that an edit adds or removes. */
export function copiesChangeTable(title: string, mark: Mark, copies: readonly Copy[]): Table {
  return {
    title,
    mark,
    columns: [WHAT, { name: 'To' }, { name: 'Rule' }, { name: 'Why' }],
    rows: mapped(copies, (copy) => copyRow(copy)),
    count: copies.length,
  }
}
