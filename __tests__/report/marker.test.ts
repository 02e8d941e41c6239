// What a comment says of itself: unseen, harmless, and read with care.
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  commentKey,
  isLater,
  markerLine,
  readMarker,
  withMarker,
  type Marker,
} from '../../src/report/marker.ts'

const MARKER: Marker = {
  key: '0123456789abcdef',
  state: 'planned',
  plan: `sha256:${'a'.repeat(64)}`,
  head: '1'.repeat(40),
  base: '2'.repeat(40),
  run: 18_000_000_001,
  attempt: 1,
}

test('is one line that HTML doesn’t show, and can be read back', () => {
  const marker = markerLine(MARKER)
  expect(marker).toBe(
    `<!-- harbor-dredge {"v":1,"key":"0123456789abcdef","state":"planned","plan":"sha256:${'a'.repeat(64)}","head":"${'1'.repeat(40)}","base":"${'2'.repeat(40)}","run":18000000001,"attempt":1} -->`,
  )
  expect(readMarker(`${marker}\n### A plan`)).toEqual(MARKER)
  // GitHub's own editor writes line ends so.
  expect(readMarker(`${marker}\r\n### A plan`)).toEqual(MARKER)
})

test('nothing in it ends the comment, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: fc.constantFrom('-', '>', '<', '!', '\n') }), (a, b) => {
      const marker = markerLine({ ...MARKER, key: a + b, plan: b, head: `${b}-->` })
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
    `> ${markerLine(MARKER)}`,
    ` ${markerLine(MARKER)}`,
    `Look at this:\n${markerLine(MARKER)}`,
    markerLine(MARKER).replace(' -->', ''),
    '<!-- harbor-dredge {"v":1,"key":"0123456789abcdef" -->',
    '<!-- harbor-dredge [] -->',
    '<!-- harbor-dredge null -->',
    '<!-- harbor-dredge {} -->',
    markerLine({ ...MARKER, key: 'another' }),
    '<!-- harbor-dredge {"key":["0123456789abcdef"]} -->',
  ])('%j', (text) => {
    expect(readMarker(text)).toBeUndefined()
  })
})

test('of one that was edited, or is of a newer version, what is understood is taken', () => {
  const unknown = { state: 'planned', plan: null, head: null, base: null, run: null, attempt: null }
  const key = '0123456789abcdef'
  expect(readMarker(`<!-- harbor-dredge {"v":7,"key":"${key}"} -->`)).toEqual({ key, ...unknown })
  expect(
    readMarker(
      `<!-- harbor-dredge {"key":"${key}","state":"melted","plan":"sha256:x","head":"main","base":7,"run":"1","attempt":-1} -->`,
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
  for (const key of keys) expect(readMarker(markerLine({ ...MARKER, key }))?.key).toBe(key)
  // It is in comments that are there already.
  expect(keys[0]).toBe('54cfad42f147062f')
})

describe('a run that was slow doesn’t take the place of a later one', () => {
  const other = '3'.repeat(40)
  test.each<[string, Partial<Marker>, boolean]>([
    ['a later run, of another commit', { run: 18_000_000_002, head: other }, true],
    ['a later run, of the same commit', { run: 18_000_000_002 }, false],
    ['an earlier run', { run: 17_000_000_000, head: other }, false],
    ['the same run, tried again', { attempt: 2 }, false],
    ['one that doesn’t say', { run: null, head: null }, false],
  ])('%s: %j', (_, there, later) => {
    expect(isLater({ ...MARKER, ...there }, MARKER)).toBe(later)
  })
})

describe('another marker', () => {
  const next: Marker = { ...MARKER, state: 'applied', run: 18_000_000_009 }

  test.each(['\n\n### A plan\n', '\r\n### A plan', ''])('takes the place of the one before: %j', (rest) => {
    const text = withMarker(markerLine(MARKER) + rest, next)
    expect(readMarker(text)).toEqual(next)
    expect(text.split('\n').slice(1)).toEqual(rest.split('\n').slice(1))
  })

  test.each(['LGTM', '', '<!-- harbor-dredge broken -->\nx'])(
    'goes in front where there is none: %j',
    (text) => {
      expect(withMarker(text, next)).toBe(`${markerLine(next)}\n${text}`)
    },
  )
})
