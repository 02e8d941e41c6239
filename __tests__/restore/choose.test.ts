// What `only` chooses, and what it says when that isn't clear.
import { describe, expect, test } from '@jest/globals'
import type { BinItem } from '../../src/bin/bin.ts'
import { choose, type Chosen } from '../../src/restore/choose.ts'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'a'.repeat(20)}${'b'.repeat(44)}`

function item(
  repository: string,
  digest: string,
  tags: readonly string[],
  more: Partial<BinItem> = {},
): BinItem {
  return {
    item: `delete-artifact ${repository}@${digest}`,
    plan: 'p',
    harbor: 'https://h',
    repository,
    digest,
    tags,
    manifests: [digest],
    at: 0,
    sent: true,
    outcome: 'done',
    restored: false,
    place: { file: 'f', offset: 0, length: 0 },
    ...more,
  }
}

const API = item('team-a/api', A, ['v1.2.0', 'latest'], { at: 1 })
const NEWER = item('team-a/api', B, ['latest'], { at: 2 })
const WEB = item('team-a/web', A, ['v1.2.0'])
const ITEMS = [API, NEWER, WEB]

const chosen = (...only: readonly string[]): Chosen => choose(ITEMS, only, 'harbor.example.com')

describe('chooses', () => {
  test('everything, if nothing is named', () => {
    expect(chosen()).toEqual({ items: ITEMS, byName: false, problems: [], earlier: [] })
  })

  test.each([
    ['team-a/api:v1.2.0', API],
    ['team-a/web:v1.2.0', WEB],
    [`team-a/web@${A}`, WEB],
    [`team-a/api@${A}`, API],
    [`team-a/api@${A.slice(0, 40)}`, API],
    [`team-a/api@${B.slice(7, 40)}`, NEWER],
    ['team-a/web@aaaaaaaaaaaa', WEB],
    [`harbor.example.com/team-a/api:v1.2.0`, API],
  ])('by %s', (only, expected) => {
    expect(chosen(only)).toEqual({ items: [expected], byName: true, problems: [], earlier: [] })
  })

  test('several, in the order of the bin', () => {
    expect(chosen('team-a/web:v1.2.0', 'team-a/api:v1.2.0', 'team-a/api:v1.2.0').items).toEqual([API, WEB])
  })

  test('of several images that had a tag the last one, and names the others', () => {
    const { items, earlier } = chosen('team-a/api:latest')
    expect([items, earlier]).toEqual([[NEWER], [`team-a/api@${A}`]])
  })

  test('with a tag the artifact that it stood on, if that went, too', () => {
    const tag = item('team-a/api', A, ['old'], { manifests: [], item: 'delete-tag' })
    expect(choose([tag, API, NEWER], ['team-a/api:old'], '').items).toEqual([tag, API])
  })
})

describe('complains of', () => {
  test.each([
    ['team-a/api:v1.2.1', '`team-a/api:v1.2.0`'],
    ['team-a/apo:latest', 'nearest are `team-a/api:latest`'],
    [`team-b/web@${A}`, `\`team-a/web@${A}\``],
    ['completely/else:and-nothing-like-it-at-all', '`list: true` shows what is there'],
    ['team-a/api', 'write team-a/api:v1.2.0 or team-a/api@sha256:…'],
    ['team-a/api@sha256:aaaaaaaaaaa', 'at least 12 digits'],
    ['team-a/api@aaaaaaaaaaaaaaa', 'which 2 images begin with'],
    ['team-a/api@sha256:xyz', 'write team-a/api:v1.2.0'],
  ])('%s', (only, words) => {
    const { items, problems } = chosen(only)
    expect(items).toEqual([])
    expect(problems).toEqual([expect.stringContaining(`\`${only}\``)])
    expect(problems[0]).toContain(words)
  })

  test('all that is wrong at once', () => {
    expect(chosen('x', 'team-a/api:nope', 'team-a/api:v1.2.0').problems).toHaveLength(2)
  })
})
