import type { Collected, Freed } from '../gc/types.ts'
import { formatBytes } from '../shared/bytes.ts'
import { formatMinute } from '../shared/instant.ts'
import type { Content } from './content.ts'
import { code, text, type Cell, type Table } from './table.ts'
import { counted, grouped, shortDigest } from './words.ts'

/** Where garbage was collected, and by what. */
export interface CollectedAt {
  readonly url: string
  /** URL and version. */
  readonly harbor: string
  readonly tool: string
  /** The policy file; empty where there was none. */
  readonly policyFile: string
}

/** What a report says of a garbage collection that was run by itself. */
export function collectedContent(
  collected: Collected,
  { url, harbor, tool, policyFile }: CollectedAt,
): Content {
  const { failure, run } = collected
  return {
    title: `Garbage collection of ${new URL(url).host}`,
    verdict: collectedVerdict(collected),
    ...collectedParts(collected),
    problemsTitle: 'It could not be done.',
    problems: failure === undefined ? [] : [failure.message],
    overview: [],
    elsewhere: 'in gc.json in the work directory',
    footer: [
      ...(run === undefined ? [] : [['garbage collection', String(run)] as const]),
      ...(policyFile === '' ? [] : [['policy', policyFile] as const]),
      ['Harbor', harbor],
      ['by', tool],
    ],
  }
}

/** In a sentence, what it came to. */
export function collectedVerdict({ failure, freed, dryRun, run }: Collected): string {
  if (failure?.reason === 'gc-timeout') return 'Garbage collection goes on in Harbor.'
  if (failure !== undefined) {
    return run === undefined ? 'Garbage collection was not started.' : 'Garbage collection failed.'
  }
  if (freed === undefined) return 'Garbage was collected; Harbor does not say what was freed.'
  return `Garbage collection ${dryRun ? 'would free' : 'freed'} ${freedWords(freed)}.`
}

/** What a report says of a garbage collection beside its verdict; an apply adds it to its own. */
export function collectedParts(collected: Collected): Pick<Content, 'facts' | 'notices' | 'lists'> {
  const { keep, gone, leaving, warnings } = collected
  const isFilled = ({ count }: Table): boolean => count > 0
  return {
    facts: [...againstPlan(collected), ...restorableWords(collected)],
    notices: warnings,
    lists: [
      restorableTable(collected),
      lostTable('Should stay restorable, and cannot come back', gone),
      lostTable(keep === undefined ? 'Cannot come back' : leftWords(collected), leaving),
    ].filter(isFilled),
  }
}

function freedWords({ bytes, blobs, manifests }: Freed): string {
  const parts = [
    blobs === null ? '' : counted(blobs, 'blob'),
    manifests === null ? '' : counted(manifests, 'manifest'),
  ].filter((part) => part !== '')
  const size = bytes === null ? 'an unknown size' : formatBytes(bytes)
  return parts.length === 0 ? size : `${size}: ${parts.join(' and ')}`
}

/** What was freed, held against what the plan said to the byte. */
function againstPlan({ expectedBytes: expected, freed, keep, dryRun }: Collected): readonly string[] {
  const actual = freed?.bytes ?? null
  if (expected === undefined || actual === null) return []
  if (actual === expected) return [`That is what the plan said, to the byte: ${exactly(expected)}.`]
  const figures = `The plan said ${exactly(expected)}, and Harbor ${dryRun ? 'would free' : 'freed'} ${exactly(actual)}`
  if (actual > expected) {
    return [`${figures}: what had been deleted before, or uploaded and never used, goes too.`]
  }
  const why = [
    'blobs that were pushed or looked at within two hours go another time',
    ...(keep === undefined ? [] : ['what is inside trash.keep is kept']),
  ]
  return [`${figures}: ${why.join(', and ')}.`]
}

function exactly(bytes: number): string {
  return `${grouped(bytes)} bytes`
}

function restorableWords({ keep, restorable }: Collected): readonly string[] {
  const [newest] = restorable
  const oldest = restorable.at(-1)
  if (keep === undefined || newest === undefined || oldest === undefined) return []
  const [first, last] = [oldest, newest].map(({ at }) => formatMinute(at + keep))
  const until = first === last ? `until ${last}` : `the first until ${first}, the last until ${last}`
  const verb = restorable.length === 1 ? 'stays' : 'stay'
  return [
    `${counted(restorable.length, 'deleted image')} ${verb} restorable, ${until}, as long as garbage is collected by harbor-dredge only.`,
  ]
}

function leftWords({ dropped, failure, dryRun }: Collected): string {
  if (dryRun) return 'Would leave the recycle bin'
  return dropped && failure === undefined ? 'Left the recycle bin' : 'Older than trash.keep'
}

type Item = Collected['restorable'][number]

function restorableTable({ keep = 0, restorable }: Collected): Table {
  return {
    title: 'Stays restorable',
    columns: [{ name: 'What' }, { name: 'Deleted' }, { name: 'Until' }],
    rows: restorable.map((item) => [...itemCells(item), text(formatMinute(item.at + keep))]),
    count: restorable.length,
  }
}

function lostTable(title: string, items: readonly Item[]): Table {
  return {
    title,
    columns: [{ name: 'What' }, { name: 'Deleted' }],
    rows: items.map((item) => itemCells(item)),
    count: items.length,
  }
}

function itemCells({ repository, digest, tags, at }: Item): readonly Cell[] {
  const [tag, ...more] = tags
  const names =
    tag === undefined
      ? code(`${repository}@${shortDigest(digest)}`)
      : { codes: [`${repository}:${tag}`, ...more.map((each) => `:${each}`)] }
  return [names, text(formatMinute(at))]
}
