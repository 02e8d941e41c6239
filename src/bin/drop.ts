import { createWriteStream } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as v from 'valibot'
import { codeOf } from '../shared/failure.ts'
import type { Instant } from '../shared/instant.ts'
import type { BinItem } from './bin.ts'
import { linesOf } from './lines.ts'
import { record } from './records.ts'

/** A journal ends with `.ndjson`; nobody reads this one. */
const UNFINISHED = '.ndjson.unfinished'
const line = v.pipe(v.string(), v.parseJson(), record)

/**
 * Takes the saved manifests of items out of a bin; that they went, and when, stays in it. Each journal is written anew
 * beside the old one, flushed, and then takes its place, so that there is always a whole one.
 *
 * @returns journals that somebody wrote to meanwhile: these are left as they are
 * @throws Error of Node's when one can't be written
 */
export async function dropSaved(folder: string, items: readonly BinItem[]): Promise<readonly string[]> {
  await removeUnfinished(folder)
  if (items.length === 0) return []
  // An apply that was run again saved the same item again: all of it goes, and nothing that was saved later.
  const until = new Map(items.map((item) => [keyOf(item.plan, item.item), item.at]))
  const busy: string[] = []
  for (const name of await namesIn(folder, '.ndjson')) {
    const file = path.join(folder, name)
    if (!(await isConcerned(file, until))) continue
    if (!(await rewrite(file, until))) busy.push(file)
  }
  return busy
}

type Until = ReadonlyMap<string, Instant>

async function isConcerned(file: string, until: Until): Promise<boolean> {
  for await (const { stays } of sieved(file, until)) if (!stays) return true
  return false
}

/** @returns false when somebody wrote to it meanwhile */
async function rewrite(file: string, until: Until): Promise<boolean> {
  const unfinished = file.replace(/\.ndjson$/, UNFINISHED)
  const before = await stat(file)
  try {
    const target = createWriteStream(unfinished, { mode: 0o600, flush: true })
    await pipeline(Readable.from(remaining(file, until)), target)
    const after = await stat(file)
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      await rm(unfinished)
      return false
    }
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  const directory = await open(path.dirname(file), 'r')
  await directory.sync()
  await directory.close()
  return true
}

async function* remaining(file: string, until: Until): AsyncGenerator<string> {
  for await (const { text, isLast, stays } of sieved(file, until)) {
    // A last line that was cut short stays recognisable as one.
    if (stays) yield isLast ? text : `${text}\n`
  }
}

interface Sieved {
  readonly text: string
  readonly isLast: boolean
  readonly stays: boolean
}

/** A journal's lines, and which of them stay; those that can't be read do. */
async function* sieved(file: string, until: Until): AsyncGenerator<Sieved> {
  let plan = ''
  for await (const { text, isLast } of linesOf(file)) {
    const parsed = v.safeParse(line, text)
    const entry = parsed.success ? parsed.output : undefined
    if (entry?.record === 'begun') plan = entry.plan
    const last = entry?.record === 'saved' ? until.get(keyOf(plan, entry.item)) : undefined
    const stays = entry?.record !== 'saved' || last === undefined || Date.parse(entry.at) > last
    yield { text, isLast, stays }
  }
}

function keyOf(plan: string, item: string): string {
  return `${plan} ${item}`
}

/** What a run left that was killed while it wrote. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await namesIn(folder, UNFINISHED)) await rm(path.join(folder, name), { force: true })
}

async function namesIn(folder: string, end: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => name.endsWith(end))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
