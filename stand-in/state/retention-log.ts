// The log of a retention task: a table of what stays and what goes, which is all that a dry run gives.
import type { Candidate } from './retention.ts'
import { NEVER } from './model.ts'

interface Verdict {
  readonly candidate: Candidate
  readonly verdict: string
}

interface Outcome {
  readonly repository: string
  readonly dryRun: boolean
  readonly verdicts: readonly Verdict[]
  readonly now: number
}

const HEADER = ['Digest', 'Tag', 'Kind', 'Labels', 'PushedTime', 'PulledTime', 'CreatedTime', 'Retention']

export function retentionLog({ repository, dryRun, verdicts, now }: Outcome): string {
  const info = (at: number, message: string): string =>
    `${new Date(now).toISOString().slice(0, 19)}Z [INFO] [/harbor/src/pkg/retention/job.go:${at}]: ${message}\n`
  return [
    info(
      86,
      `Run retention process.\n Repository: ${repository} \n Rule Algorithm: or \n Dry Run: ${String(dryRun)}`,
    ),
    info(101, `Load ${verdicts.length} candidates from repository ${repository}`),
    info(212, `\n${table(verdicts.map(row))}`).slice(0, -1),
  ].join('')
}

function row({ candidate: { artifact, tags, pushed, pulled }, verdict }: Verdict): string[] {
  return [
    artifact.digest,
    tags.join(','),
    artifact.type.toLowerCase(),
    // The column is there, but Harbor reads no labels for it (recordings-2, 084).
    '',
    time(pushed),
    time(pulled),
    time(artifact.pushed),
    verdict,
  ]
}

function time(at: number): string {
  return at === NEVER ? '' : new Date(at).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')
}

function table(rows: readonly string[][]): string {
  const widths = HEADER.map((name, column) =>
    Math.max(name.length, ...rows.map((cells) => (cells[column] ?? '').length)),
  )
  return [
    line(HEADER.map((name, column) => centred(name, widths[column] ?? 0))),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|\n`,
    ...rows.map((cells) => line(cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)))),
  ].join('')
}

function centred(text: string, width: number): string {
  return text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width)
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`
}
