import type { DecidedRepository } from '../plan/decided.ts'
import { reasonOf } from '../plan/reason.ts'
import type { Unit } from '../plan/unit.ts'
import { decisionOf, entryOf } from '../plan/verdict.ts'
import type { Instant } from '../shared/instant.ts'
import { byName } from './tables.ts'

/** One line of the decisions file: what became of one tag or untagged artifact, and why. */
export interface DecisionLine {
  readonly repository: string
  readonly tag: string | null
  readonly digest: string
  readonly decision: string
  /** The rule or protection that decided; null for what is built in, and where none did. */
  readonly rule: string | null
  readonly code: string
  readonly reason: string
  /** The line of the policy that it stands on. */
  readonly line: number | null
  /** The rule that copies it to the mirror. */
  readonly copy: string | null
}

const FIELDS = ['repository', 'tag', 'digest', 'decision', 'rule', 'code', 'reason', 'line', 'copy'] as const

/** The decisions file, line by line, each with its line end: kept units too, by repository and tag. */
export function* decisionLines(
  repositories: readonly DecidedRepository[],
  now: Instant,
  format: 'ndjson' | 'csv',
): Generator<string> {
  if (format === 'csv') yield `${FIELDS.join(',')}\r\n`
  for (const { name, units } of repositories) {
    for (const unit of units.toSorted(byName)) {
      const line = decisionLine(name, unit, now)
      yield format === 'csv' ? csvLine(line) : `${JSON.stringify(line)}\n`
    }
  }
}

function decisionLine(repository: string, unit: Unit, now: Instant): DecisionLine {
  const entry = entryOf(unit.verdict)
  const copying = unit.verdict.code === 'archive' ? unit.verdict.by : unit.copiedBy
  return {
    repository,
    tag: unit.tag?.name ?? null,
    digest: unit.artifact.digest,
    decision: decisionOf(unit.verdict),
    rule: entry?.name ?? null,
    code: unit.verdict.code,
    reason: reasonOf(unit, now),
    line: entry?.line ?? null,
    copy: copying?.name ?? null,
  }
}

/** RFC 4180. A value that a spreadsheet would take for a formula is made text. */
function csvLine(line: DecisionLine): string {
  const values = FIELDS.map((field) => {
    const value = String(line[field] ?? '')
    const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
  })
  return `${values.join(',')}\r\n`
}
