import type { DecidedRepository } from '../plan/decided.ts'
import { copyName } from '../plan/copies.ts'
import { isRefused } from '../plan/mirrored.ts'
import { reasonOf } from '../plan/reason.ts'
import type { Action, Copy, EntryTotals, Plan, PlanMirror, PlanTarget } from '../plan/types.ts'
import type { Unit } from '../plan/unit.ts'
import { decisionOf, entryOf, goes } from '../plan/verdict.ts'
import { formatBytes } from '../shared/bytes.ts'
import { formatDuration } from '../shared/duration.ts'
import { parseInstant, type Instant } from '../shared/instant.ts'
import { compareText } from '../shared/order.ts'
import { code, text, type Cell, type Table } from './table.ts'
import { grouped, shortDigest } from './words.ts'

type Removal = Exclude<Action, Copy>

export function rulesTable({ rules }: Plan): Table {
  return {
    title: 'By rule',
    columns: [
      { name: 'Rule' },
      { name: 'Line', align: 'right' },
      { name: 'In its family', align: 'right' },
      { name: 'Kept by it', align: 'right' },
      { name: 'Acted on', align: 'right' },
    ],
    rows: rules.map(({ name, line, selected, kept, acted }) => [
      code(name),
      text(String(line)),
      text(selected),
      text(kept),
      text(acted),
    ]),
    count: rules.length,
  }
}

export function protectionsTable({ protections }: Plan): Table {
  return {
    title: 'By protection',
    columns: [{ name: 'Protection' }, { name: 'Line', align: 'right' }, { name: 'Protects', align: 'right' }],
    rows: protections.map(({ name, line, selected }: EntryTotals) => [
      code(name),
      text(String(line)),
      text(selected),
    ]),
    count: protections.length,
  }
}

/** The repositories that change, those that lose most first. */
export function repositoriesTable({ repositories }: Plan): Table {
  const changing = repositories
    .filter(({ deletes, copies }) => deletes + copies > 0)
    .toSorted((a, b) => b.bytes - a.bytes || b.deletes - a.deletes || compareText(a.name, b.name))
  return {
    title: 'By repository',
    columns: [
      { name: 'Repository' },
      { name: 'Artifacts go', align: 'right' },
      { name: 'Tags go', align: 'right' },
      { name: 'Copied', align: 'right' },
      { name: 'Kept', align: 'right' },
      { name: 'Protected', align: 'right' },
      { name: 'Listed size', align: 'right' },
    ],
    rows: changing.map((repository) => [
      code(repository.name),
      text(repository.deleteArtifacts),
      text(repository.deleteTags),
      text(repository.copies),
      text(repository.kept),
      text(repository.protected),
      text(repository.bytes === 0 ? '' : formatBytes(repository.bytes)),
    ]),
    count: changing.length,
  }
}

export function removalsTable({ actions, now, targets, mirror }: Plan): Table {
  const removals = actions.filter((action): action is Removal => action.kind !== 'copy').toSorted(byFirstTag)
  const present = parseInstant(now) ?? 0
  const uncopied = new Set(
    targets.filter(({ state }) => isRefused(state, mirror?.overwrite)).map((target) => copyName(target)),
  )
  return {
    title: 'What goes',
    columns: [
      { name: 'What' },
      { name: 'Size', align: 'right' },
      { name: 'Pushed', align: 'right' },
      { name: 'Pulled', align: 'right' },
      { name: 'Rule' },
      { name: 'Why' },
    ],
    rows: mapped(removals, (removal) => removalRow(removal, present, uncopied)),
    count: removals.length,
  }
}

/** @param uncopied copies that can't be made, as things stand at the mirror */
function removalRow(removal: Removal, now: Instant, uncopied: ReadonlySet<string>): readonly Cell[] {
  const { repository, digest, rule, reason, after } = removal
  const once = uncopied.has(after ?? '') ? COPY_REFUSED : 'once it is copied and verified'
  const why = text(after === undefined ? reason : `${reason}; ${once}`)
  if (removal.kind === 'delete-tag') {
    return [image(repository, digest, [removal.tag]), text('tag only'), text(''), text(''), code(rule), why]
  }
  const { tags, size, pushed, pulled } = removal
  return [
    image(repository, digest, tags),
    text(formatBytes(size)),
    text(ageOf(pushed, now)),
    text(pulled === null ? 'never' : ageOf(pulled, now)),
    code(rule),
    why,
  ]
}

const COPY_REFUSED = 'it stays, since the mirror has another image under its tag'

export function copiesTable({ actions, targets, mirror }: Plan): Table {
  const copies = actions.filter((action): action is Copy => action.kind === 'copy').toSorted(byFirstTag)
  const standing = new Map(targets.map((target) => [`${target.repository}@${target.digest}`, target]))
  const cells = ({ repository, digest }: Copy): readonly Cell[] => {
    const target = standing.get(`${repository}@${digest}`)
    if (mirror === null || target === undefined) return []
    return [text(standingWords(target, mirror)), text(target.bytes === 0 ? '' : formatBytes(target.bytes))]
  }
  return {
    title: 'What is copied',
    columns: [
      { name: 'What' },
      { name: 'To' },
      ...(mirror === null ? [] : ([{ name: 'There' }, { name: 'At most', align: 'right' }] as const)),
      { name: 'Rule' },
      { name: 'Why' },
    ],
    rows: mapped(copies, (copy) => copyRow(copy, cells(copy))),
    count: copies.length,
  }
}

/** How a copy stands at the mirror, and what comes of that. */
function standingWords({ state, tags, digest }: PlanTarget, { overwrite }: PlanMirror): string {
  const others = new Set(Object.values(tags).filter((on) => on !== null && on !== digest))
  const on = [...others].map((other) => shortDigest(other ?? '')).join(', ')
  switch (state) {
    case 'new':
      return 'new'
    case 'same':
      return 'the same'
    case 'unknown':
      return 'not known'
    case 'blocked':
      return `its tag stays on ${on}`
    case 'update':
      return `${on === '' ? 'the tag of a signature is on another' : `its tag is on ${on}`}: ${UPDATES[overwrite]}`
  }
}

const UPDATES = { never: 'left', always: 'moved', fail: 'fails' } as const

/** @param there how it stands at the mirror, where that was looked at */
export function copyRow(copy: Copy, there: readonly Cell[] = []): readonly Cell[] {
  const { repository, tags, digest, target, rule, reason } = copy
  return [image(repository, digest, tags), code(target), ...there, code(rule), text(reason)]
}

/** For people: by repository and tag, then what has no tag. */
function byFirstTag(a: Action, b: Action): number {
  const [tag, other] = [a, b].map((action) => (action.kind === 'delete-tag' ? action.tag : action.tags[0]))
  return (
    compareText(a.repository, b.repository) ||
    Number(tag === undefined) - Number(other === undefined) ||
    compareText(tag ?? a.digest, other ?? b.digest)
  )
}

/** Tags of one artifact that are named. */
const MOST_TAGS = 20

/** An artifact by its tags, `repository:tag` and `:tag` for each further one; without any by its digest. */
export function image(repository: string, digest: string, tags: readonly string[]): Cell {
  if (tags.length === 0) return code(`${repository}@${shortDigest(digest)}`)
  const named = tags.slice(0, MOST_TAGS)
  const codes = { codes: named.map((tag, index) => `${index === 0 ? repository : ''}:${shortTag(tag)}`) }
  const others = tags.length - named.length
  return others === 0 ? codes : { parts: [codes, text(` and ${grouped(others)} more`)] }
}

/** Tags that name a digest are shortened like one: `sha256-5891b5b522d5….sig`. */
function shortTag(tag: string): string {
  return tag.replace(/^(sha256-[0-9a-f]{12})[0-9a-f]{52}/, '$1\u2026')
}

export function keptTable(repositories: readonly DecidedRepository[], now: Instant): Table {
  return {
    title: 'What stays',
    columns: [{ name: 'What' }, { name: 'Decision' }, { name: 'By' }, { name: 'Why' }],
    rows: lazily(() => keptRows(repositories, now)),
    textRows: 40,
    count: repositories.reduce((sum, { totals }) => sum + totals.kept + totals.protected, 0),
  }
}

function* keptRows(repositories: readonly DecidedRepository[], now: Instant): Generator<readonly Cell[]> {
  for (const { name, units } of repositories) {
    for (const unit of units.filter(({ verdict }) => !goes(verdict)).toSorted(byName)) {
      const by = entryOf(unit.verdict)?.name
      yield [
        image(name, unit.artifact.digest, unit.tag === null ? [] : [unit.tag.name]),
        text(decisionOf(unit.verdict)),
        by === undefined ? text('') : code(by),
        text(reasonOf(unit, now)),
      ]
    }
  }
}

/** Tags by name, then artifacts without one. */
export function byName(a: Unit, b: Unit): number {
  const untagged = Number(a.tag === null) - Number(b.tag === null)
  return untagged || compareText(a.name, b.name) || compareText(a.artifact.digest, b.artifact.digest)
}

function ageOf(instant: string, now: Instant): string {
  const since = parseInstant(instant)
  return since === undefined ? '' : age(since, now)
}

export function age(since: Instant, now: Instant): string {
  return formatDuration(now - since)
}

/** Rows made as they are gone through, as often as they are. */
export function lazily<Row>(rows: () => Generator<Row>): Iterable<Row> {
  return { [Symbol.iterator]: rows }
}

export function mapped<From, Row>(items: readonly From[], make: (item: From) => Row): Iterable<Row> {
  return lazily(function* rows() {
    for (const item of items) yield make(item)
  })
}
