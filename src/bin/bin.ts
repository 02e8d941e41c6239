import { open, readdir } from 'node:fs/promises'
import path from 'node:path'
import * as v from 'valibot'
import type { Digest } from '../inventory/types.ts'
import { codeOf } from '../shared/failure.ts'
import type { Instant } from '../shared/instant.ts'
import { Copies } from './copies.ts'
import { linesOf, type Line } from './lines.ts'
import { record, saved, type JournalRecord, type Outcome, type SavedManifest } from './records.ts'

/** Something that an apply deleted, or was about to. */
export interface BinItem {
  /** The name of its action within the plan. */
  readonly item: string
  readonly plan: Digest
  /** The Harbor that it was deleted from. */
  readonly harbor: string
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  /** Digests of its manifests, in the order in which they go back; of a tag that was deleted alone, none. */
  readonly manifests: readonly Digest[]
  /** When it was saved, just before its delete. */
  readonly at: Instant
  /** Whether its delete was sent; without an outcome, what became of it isn't known. */
  readonly sent: boolean
  readonly outcome: Outcome | undefined
  readonly restored: boolean
  /** Where its saved manifests stand. */
  readonly place: Place
}

export interface Place {
  readonly file: string
  readonly offset: number
  readonly length: number
}

/** Everything in a bin. */
export interface Bin {
  readonly folder: string
  readonly items: readonly BinItem[]
  /** Outcomes by plan and item, also of items that were never saved. */
  readonly outcomes: ReadonlyMap<Digest, ReadonlyMap<string, Outcome>>
  readonly copies: Copies
  /** Lines that can't be read, in words with their place. */
  readonly damage: readonly string[]
}

/** The folder in a work directory that is the recycle bin; a workflow keeps it. */
export function binFolder(workDir: string): string {
  return path.join(workDir, 'bin')
}

/**
 * Reads a bin: every journal in a folder, the oldest first. Journals of several bins can be put into one folder. A line
 * that was cut when a run was killed, or that is damaged, counts for nothing and is told.
 */
export async function readBin(folder: string): Promise<Bin> {
  const items = new Map<string, BinItem>()
  const outcomes = new Map<Digest, Map<string, Outcome>>()
  const copies = new Copies()
  const damage: string[] = []
  for (const name of await journalsIn(folder)) {
    const file = path.join(folder, name)
    let apply: Extract<JournalRecord, { record: 'begun' }> | undefined
    for await (const line of linesOf(file)) {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), record), line.text)
      if (!parsed.success || (apply === undefined && parsed.output.record !== 'begun')) {
        damage.push(damageWords(file, line))
        continue
      }
      const entry = parsed.output
      if (entry.record === 'begun') {
        apply = entry
      } else if (apply !== undefined) {
        const key = `${apply.plan} ${entry.item}`
        if (entry.record === 'saved') {
          const { tags, repository, digest, at } = entry
          items.set(key, {
            item: entry.item,
            plan: apply.plan,
            harbor: apply.harbor,
            repository,
            digest,
            tags,
            manifests: entry.manifests.map((manifest) => manifest.digest),
            at: Date.parse(at),
            sent: false,
            outcome: undefined,
            restored: false,
            place: { file, offset: line.offset, length: line.length },
          })
          continue
        }
        if (entry.record === 'outcome') {
          const ofPlan = outcomes.get(apply.plan) ?? new Map<string, Outcome>()
          outcomes.set(apply.plan, ofPlan.set(entry.item, entry.outcome))
          copies.add(apply.harbor, entry)
        }
        const item = items.get(key)
        if (item !== undefined) items.set(key, { ...item, ...changeOf(entry) })
      }
    }
  }
  for (const item of items.values()) copies.addParts(item)
  return { folder, items: [...items.values()], outcomes, copies, damage }
}

function changeOf(
  entry: Exclude<JournalRecord, { record: 'begun' | 'saved' }>,
): Partial<Pick<BinItem, 'sent' | 'outcome' | 'restored'>> {
  switch (entry.record) {
    case 'sent': {
      return { sent: true }
    }
    case 'outcome': {
      return { outcome: entry.outcome }
    }
    case 'restored': {
      return { restored: true }
    }
  }
}

/**
 * The manifests of an item, whole.
 *
 * @throws Error when they aren't where they were
 */
export async function savedManifests({ place }: BinItem): Promise<readonly SavedManifest[]> {
  const handle = await open(place.file, 'r')
  try {
    const buffer = Buffer.alloc(place.length)
    await handle.read(buffer, 0, place.length, place.offset)
    return v.parse(v.pipe(v.string(), v.parseJson(), saved), buffer.toString('utf8')).manifests
  } finally {
    await handle.close()
  }
}

/** By name, which begins with the time. */
async function journalsIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => name.endsWith('.ndjson')).toSorted()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

function damageWords(file: string, { number, isLast }: Line): string {
  return isLast
    ? `${file}:${number}: the last line is cut short, as when a run is killed; it counts for nothing`
    : `${file}:${number}: this line cannot be read, and counts for nothing`
}
