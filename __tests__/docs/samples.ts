// Policies in a document with a table of images below each, which says what the policy makes of them.
import { readFileSync } from 'node:fs'
import type { DecisionLine } from '../../src/report/decisions.ts'
import { Builder } from '../../stand-in/load/build.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import type { Registry } from '../../stand-in/state/registry.ts'

/** The moment that the tables count back from. */
export const NOW = Date.parse('2026-11-21T12:00:00Z')

export interface Recipe {
  readonly heading: string
  readonly line: number
  readonly policy: string
  /** Tables of other things have no `Image`. */
  readonly rows: readonly Row[]
}

/** A line of a table, by its headings. */
export type Row = Readonly<Partial<Record<string, string>>>

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const SIZES: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30 }

/** Every policy of a document, with the table that follows it before the next heading. */
export function recipesIn(file: string): readonly Recipe[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/^```yaml\n((?:#.*\n)*version: 1\n[^]*?)^```$([^]*?)(?=^#|^```|(?![^]))/gm)].map(
    ({ 1: policy = '', 2: after = '', index }) => ({
      heading: /^#+ (.*)$/m.exec(text.slice(text.slice(0, index).lastIndexOf('\n#') + 1))?.[1] ?? '',
      line: text.slice(0, index).split('\n').length,
      policy,
      rows: rowsIn(after),
    }),
  )
}

function rowsIn(text: string): readonly Row[] {
  const [header = [], , ...lines] = [...text.matchAll(/^\|(.*)\|$/gm)].map(({ 1: line = '' }) =>
    line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
  if (header[0] !== 'Image') return []
  return lines.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])))
}

/** A unit that a row is about: `repository:tag`, or a repository where it has no tag. */
export function unitsOf({ Image: cell = '' }: Row): readonly string[] {
  const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
  const [first = '', last = ''] = names
  if (!cell.includes('` to `')) return names.filter((_, index) => index === 0 || cell.includes('`, `'))
  const [from, to] = [Number(/\d+$/.exec(first)?.[0]), Number(/\d+$/.exec(last)?.[0])]
  const digits = /\d+$/.exec(first)?.[0].length ?? 0
  const stem = first.slice(0, first.length - digits)
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => {
    return `${stem}${String(from + Math.sign(to - from) * index).padStart(digits, '0')}`
  })
}

/** Pushes what the rows say. */
export function fill(registry: Registry, rows: readonly Row[]): void {
  const builder = new Builder(registry)
  const projects = new Set(rows.flatMap((row) => unitsOf(row).map((unit) => unit.split('/')[0] ?? '')))
  for (const name of projects) if (!registry.projects.has(name)) registry.addProject({ name })
  for (const row of rows) {
    const isRange = row['Image']?.includes('` to `') === true
    const units = unitsOf(row)
    if (row['Is']?.startsWith('the same image') === true) continue
    const groups = isRange ? units.map((unit) => [unit]) : [[...units, ...sameImage(rows, units[0] ?? '')]]
    for (const [index, group] of groups.entries()) {
      push(builder, row, group, index / Math.max(1, groups.length - 1))
    }
  }
}

/** Other tags of an image, from rows of their own. */
function sameImage(rows: readonly Row[], unit: string): readonly string[] {
  return rows
    .filter(({ Is: is = '' }) => is === `the same image as \`${unit}\``)
    .flatMap((row) => unitsOf(row))
}

/** @param share how far it is from the first to the last of a row */
function push(builder: Builder, row: Row, units: readonly string[], share: number): void {
  const [first = ''] = units
  const [repository = ''] = first.split(':')
  const pushed = momentOf(row['Pushed'] ?? '', share)
  const is = row['Is'] ?? ''
  const common = {
    pushed,
    ...(/\d/.test(row['Pulled'] ?? '') ? { pulled: momentOf(row['Pulled'] ?? '', share) } : {}),
    labels: [...is.matchAll(/label `([^`]+)`/g)].map(([, label = '']) => label),
  }
  const tags = units.map((unit) => unit.slice(repository.length + 1)).filter((tag) => tag !== '')
  if (tags[0]?.startsWith('sha256-') === true) {
    builder.sign(repository, `sha256:${'5'.repeat(64)}`, 'att', pushed)
    return
  }
  const platforms = [...is.matchAll(/linux\/[\w/]+/g)].map(([platform]) => platform)
  const built = row['Built'] === undefined ? {} : { created: momentOf(row['Built'], share) }
  const image = (platform: string, own: Partial<typeof common> & { tags?: readonly string[] }): Artifact =>
    builder.image(repository, {
      ...own,
      ...built,
      pushed,
      platform,
      layers: [`${first} ${platform} ${share}`],
    })
  const pushing = { ...common, tags }
  const artifact =
    platforms.length > 1
      ? builder.index(repository, { ...pushing, images: platforms.map((platform) => image(platform, {})) })
      : image(platforms[0] ?? 'linux/amd64', pushing)
  const [, size = '', unit = ''] = /([\d.]+) ([MG]iB)/.exec(is) ?? []
  if (size !== '') Object.assign(artifact, { size: Number(size) * (SIZES[unit] ?? 0) })
  if (is.includes('signed')) builder.sign(repository, artifact.digest, 'sig', pushed)
}

/** `20d ago`, or between the two of `29d to 20d ago`. */
function momentOf(words: string, share: number): number {
  const [first = 0, last = first] = [...words.matchAll(/(\d+)([mhd])/g)].map(
    ([, count = '', unit = '']) => Number(count) * (UNITS[unit] ?? 0),
  )
  return NOW - Math.round(first + (last - first) * share)
}

/** What becomes of a unit, in the words of the tables: `goes`, `stays`, `archived, goes`, `copied, stays`. */
export function wordsOf({ decision, copy }: DecisionLine): string {
  if (decision === 'archive') return 'goes, archived'
  return `${decision === 'delete' ? 'goes' : 'stays'}${copy === null ? '' : ', copied'}`
}

/** A reason of a table, as an expression: `…` is anything. */
export function reasonPattern(cell: string): RegExp {
  const parts = cell.replace(/^`(.*)`$/, '$1').split('…')
  return new RegExp(
    `^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)).join('.*')}$`,
  )
}
