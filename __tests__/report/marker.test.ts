// What a comment says of itself: unseen, harmless, and read with care.
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { commentKey, isLater, markerOf, readMarker, type Mark } from '../../src/report/marker.ts'

const MARK: Mark = {
  key: '0123456789abcdef',
  stage: 'planned',
  plan: `sha256:${'a'.repeat(64)}`,
  head: '1'.repeat(40),
  base: '2'.repeat(40),
  run: 18_000_000_001,
  attempt: 1,
}

test('is one line that HTML doesn’t show, and can be read back', () => {
  const marker = markerOf(MARK)
  expect(marker).toBe(
    `<!-- harbor-dredge {"v":1,"key":"0123456789abcdef","stage":"planned","plan":"sha256:${'a'.repeat(64)}","head":"${'1'.repeat(40)}","base":"${'2'.repeat(40)}","run":18000000001,"attempt":1} -->`,
  )
  expect(readMarker(`${marker}\n### A plan`)).toEqual(MARK)
  // GitHub's own editor writes line ends so.
  expect(readMarker(`${marker}\r\n### A plan`)).toEqual(MARK)
})

test('nothing in it ends the comment, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: fc.constantFrom('-', '>', '<', '!', '\n') }), (a, b) => {
      const marker = markerOf({ ...MARK, key: a + b, plan: b, head: `${b}-->` })
      const inside = marker.slice('<!--'.length, -'-->'.length)
      expect(inside).not.toMatch(/--|[<>\n]|-$/)
      expect(JSON.parse(inside.replace(' harbor-dredge ', ''))).toMatchObject({ key: a + b, plan: b })
    }),
  )
})

describe('what isn’t ours is not read', () => {
  test.each([
    '',
    'LGTM',
    '<!-- dependency-review-pr-comment-marker -->',
    `> ${markerOf(MARK)}`,
    ` ${markerOf(MARK)}`,
    `Look at this:\n${markerOf(MARK)}`,
    markerOf(MARK).replace(' -->', ''),
    '<!-- harbor-dredge {"v":1,"key":"0123456789abcdef" -->',
    '<!-- harbor-dredge [] -->',
    '<!-- harbor-dredge null -->',
    '<!-- harbor-dredge {} -->',
    markerOf({ ...MARK, key: 'another' }),
    '<!-- harbor-dredge {"key":["0123456789abcdef"]} -->',
  ])('%j', (text) => {
    expect(readMarker(text)).toBeUndefined()
  })
})

test('of one that was edited, or is of a newer version, what is understood is taken', () => {
  const unknown = { stage: 'planned', plan: null, head: null, base: null, run: null, attempt: null }
  const key = '0123456789abcdef'
  expect(readMarker(`<!-- harbor-dredge {"v":7,"key":"${key}"} -->`)).toEqual({ key, ...unknown })
  expect(
    readMarker(
      `<!-- harbor-dredge {"key":"${key}","stage":"melted","plan":"sha256:x","head":"main","base":7,"run":"1","attempt":-1} -->`,
    ),
  ).toEqual({ key, ...unknown })
})

test('reading never fails', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      readMarker(`<!-- harbor-dredge ${text} -->`)
    }),
  )
})

test('each policy and each Harbor has a comment of its own', () => {
  const keys = [
    commentKey('.github/harbor-dredge.yml', 'https://harbor.example'),
    commentKey('.github/harbor-dredge.yml', 'https://harbor.example/path'),
    commentKey('.github/other.yml', 'https://harbor.example'),
    commentKey('.github/other.ymlhttps://', 'harbor.example'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  for (const key of keys) expect(readMarker(markerOf({ ...MARK, key }))?.key).toBe(key)
  // It is in comments that are there already.
  expect(keys[0]).toBe('54cfad42f147062f')
})

describe('a run that was slow doesn’t take the place of a later one', () => {
  const other = '3'.repeat(40)
  test.each<[string, Partial<Mark>, boolean]>([
    ['a later run, of another commit', { run: 18_000_000_002, head: other }, true],
    ['a later run, of the same commit', { run: 18_000_000_002 }, false],
    ['an earlier run', { run: 17_000_000_000, head: other }, false],
    ['the same run, tried again', { attempt: 2 }, false],
    ['one that doesn’t say', { run: null, head: null }, false],
  ])('%s: %j', (_, there, later) => {
    expect(isLater({ ...MARK, ...there }, MARK)).toBe(later)
  })
})
