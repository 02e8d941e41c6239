// Dropping what left a bin: the rest of its journals stays, byte for byte.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import path from 'node:path'
import { readBin, savedManifests, type BinItem } from '../../src/bin/bin.ts'
import { dropSaved } from '../../src/bin/drop.ts'
import type { JournalRecord } from '../../src/bin/records.ts'
import { Folder } from '../helpers/program.ts'

const AT = '2026-11-21T12:00:00.000Z'
const LATER = '2026-11-21T13:00:00.000Z'
let folder: Folder

beforeEach(() => {
  folder = new Folder()
})
afterEach(() => {
  folder.remove()
})

function begun(plan: string): string {
  return lineOf({
    record: 'begun',
    format: 'harbor-dredge/journal/1',
    at: AT,
    tool: 't',
    plan,
    harbor: 'https://h',
  })
}

function saved(item: string, at = AT, content = 'e30='): string {
  return lineOf({
    record: 'saved',
    at,
    item,
    repository: 'team-a/äpp',
    digest: `sha256:${item}`,
    tags: ['v1'],
    manifests: [
      { digest: `sha256:${item}`, role: 'artifact', mediaType: 'm', content, tags: [], labels: [] },
    ],
  })
}

function done(item: string): string {
  return (
    lineOf({ record: 'sent', at: AT, item }) +
    lineOf({ record: 'outcome', at: AT, item, outcome: 'done', why: '' })
  )
}

function lineOf(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`
}

async function itemsNamed(...names: readonly string[]): Promise<readonly BinItem[]> {
  const { items } = await readBin(folder.path)
  return items.filter(({ item }) => names.includes(item))
}

test('only the saved manifests go; that they went stays, and everything else as it was', async () => {
  const damaged = '{"record":"saved",\n'
  const [head, tail] = [begun('p'), `${damaged}${saved('b')}${done('b')}{"record":"se`]
  folder.write('1.ndjson', `${head}${saved('a')}${done('a')}${tail}`)
  const other = `${begun('q')}${saved('a')}${done('a')}`
  folder.write('2.ndjson', other)
  const [first] = await itemsNamed('a')
  expect(await dropSaved(folder.path, first === undefined ? [] : [first])).toEqual([])
  expect(folder.read('1.ndjson')).toBe(`${head}${done('a')}${tail}`)
  expect(folder.read('2.ndjson')).toBe(other)
  const { items, outcomes, damage } = await readBin(folder.path)
  expect(items.map(({ plan, item }) => `${plan} ${item}`)).toEqual(['p b', 'q a'])
  expect(outcomes.get('p')).toEqual(
    new Map([
      ['a', 'done'],
      ['b', 'done'],
    ]),
  )
  expect(damage).toHaveLength(2)
  for (const item of items) expect(await savedManifests(item)).toHaveLength(1)
})

test('a journal in which nothing is dropped isn’t touched', async () => {
  folder.write('1.ndjson', `${begun('p')}${saved('a')}${done('a')}`)
  folder.write('2.ndjson', `${begun('p')}${saved('b')}${done('b')}`)
  const inode = (name: string): number => statSync(path.join(folder.path, name)).ino
  const before = [inode('1.ndjson'), inode('2.ndjson')]
  await dropSaved(folder.path, await itemsNamed('a'))
  expect([inode('1.ndjson') === before[0], inode('2.ndjson') === before[1]]).toEqual([false, true])
})

test('an item that was saved twice goes from both journals', async () => {
  folder.write('1.ndjson', `${begun('p')}${saved('a')}`)
  folder.write('2.ndjson', `${begun('p')}${saved('a', LATER)}${done('a')}`)
  await dropSaved(folder.path, await itemsNamed('a'))
  expect((await readBin(folder.path)).items).toEqual([])
})

test('what was saved after the bin was read stays', async () => {
  folder.write('1.ndjson', `${begun('p')}${saved('a')}${done('a')}`)
  const items = await itemsNamed('a')
  folder.write('2.ndjson', `${begun('p')}${saved('a', LATER)}${done('a')}`)
  await dropSaved(folder.path, items)
  expect((await readBin(folder.path)).items).toMatchObject([{ at: Date.parse(LATER) }])
})

test('a journal that somebody writes to is left as it is', async () => {
  const large = 'A'.repeat(4_000_000)
  folder.write('1.ndjson', `${begun('p')}${saved('a', AT, large)}${saved('b', AT, large)}${done('a')}`)
  const items = await itemsNamed('a')
  const file = path.join(folder.path, '1.ndjson')
  const before = readFileSync(file, 'utf8')
  let written = ''
  const drop = { isUnderWay: true }
  const dropped = dropSaved(folder.path, items).finally(() => {
    drop.isUnderWay = false
  })
  while (drop.isUnderWay) {
    appendFileSync(file, '\n')
    written += '\n'
    await setImmediate()
  }
  expect(await dropped).toEqual([file])
  expect(readFileSync(file, 'utf8') === `${before}${written}`).toBe(true)
  expect((await itemsNamed('a', 'b')).length).toBe(2)
})

test('a journal keeps being nobody else’s', async () => {
  folder.write('1.ndjson', `${begun('p')}${saved('a')}${done('a')}`)
  await dropSaved(folder.path, await itemsNamed('a'))
  expect(statSync(path.join(folder.path, '1.ndjson')).mode & 0o777).toBe(0o600)
})

test('one that can’t be written is told, and is still whole', async () => {
  const content = `${begun('p')}${saved('a')}${done('a')}`
  folder.write('1.ndjson', content)
  mkdirSync(path.join(folder.path, '1.ndjson.unfinished', 'x'), { recursive: true })
  await expect(dropSaved(folder.path, await itemsNamed('a'))).rejects.toThrow(/directory|EISDIR/)
  expect(folder.read('1.ndjson')).toBe(content)
})
