import type { DecidedRepository } from '../plan/decided.ts'
import { reasonOf } from '../plan/reason.ts'
import type { Action, Copy, EntryTotals, Plan } from '../plan/types.ts'
import type { Unit } from '../plan/unit.ts'
import { decisionOf, entryOf, goes } from '../plan/verdict.ts'
import { formatBytes } from '../shared/bytes.ts'
import { formatDuration } from '../shared/duration.ts'
import { parseInstant, type Instant } from '../shared/instant.ts'
import { compareText } from '../shared/order.ts'
import { code, text, type Cell, type Table } from './table.ts'
import { shortDigest } from './words.ts'

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
      { name: 'Size', align: 'right' },
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

export function removalsTable({ actions, now }: Plan): Table {
  const removals = actions.filter((action): action is Removal => action.kind !== 'copy')
  const present = parseInstant(now) ?? 0
  return {
    title: 'What goes',
    columns: [
      { name: 'Repository' },
      { name: 'Tags' },
      { name: 'Artifact' },
      { name: 'Size', align: 'right' },
      { name: 'Pushed', align: 'right' },
      { name: 'Pulled', align: 'right' },
      { name: 'Rule' },
      { name: 'Why' },
    ],
    rows: mapped(removals, (removal) => removalRow(removal, present)),
    count: removals.length,
  }
}

function removalRow(removal: Removal, now: Instant): readonly Cell[] {
  const { repository, digest, rule, reason } = removal
  const why = removal.after === undefined ? reason : `${reason}; once it is copied and verified`
  if (removal.kind === 'delete-tag') {
    const stays = text('stays')
    return [code(repository), code(removal.tag), stays, text(''), text(''), text(''), code(rule), text(why)]
  }
  const { tags, size, pushed, pulled } = removal
  return [
    code(repository),
    { codes: tags },
    code(shortDigest(digest)),
    text(formatBytes(size)),
    text(age(pushed, now)),
    text(pulled === null ? 'never' : age(pulled, now)),
    code(rule),
    text(why),
  ]
}

export function copiesTable({ actions }: Plan): Table {
  const copies = actions.filter((action): action is Copy => action.kind === 'copy')
  return {
    title: 'What is copied',
    columns: [
      { name: 'Repository' },
      { name: 'Tags' },
      { name: 'Artifact' },
      { name: 'To' },
      { name: 'Rule' },
      { name: 'Why' },
    ],
    rows: mapped(copies, ({ repository, tags, digest, target, rule, reason }) => [
      code(repository),
      { codes: tags },
      code(shortDigest(digest)),
      code(target),
      code(rule),
      text(reason),
    ]),
    count: copies.length,
  }
}

export function keptTable(repositories: readonly DecidedRepository[], now: Instant): Table {
  return {
    title: 'What stays',
    columns: [
      { name: 'Repository' },
      { name: 'Tag or artifact' },
      { name: 'Decision' },
      { name: 'By' },
      { name: 'Why' },
    ],
    rows: keptRows(repositories, now),
    textRows: 40,
    count: repositories.reduce((sum, { totals }) => sum + totals.kept + totals.protected, 0),
  }
}

function* keptRows(repositories: readonly DecidedRepository[], now: Instant): Generator<readonly Cell[]> {
  for (const { name, units } of repositories) {
    for (const unit of units.filter(({ verdict }) => !goes(verdict)).toSorted(byName)) {
      const by = entryOf(unit.verdict)?.name
      yield [
        code(name),
        code(unit.tag?.name ?? shortDigest(unit.artifact.digest)),
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

function age(instant: string, now: Instant): string {
  const since = parseInstant(instant)
  return since === undefined ? '' : formatDuration(now - since)
}

function* mapped<From, To>(items: readonly From[], make: (item: From) => To): Generator<To> {
  for (const item of items) yield make(item)
}
