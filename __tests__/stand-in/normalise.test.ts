// A comparison that saw nothing would pass everything: what it must see, and what it must not mind.
import { expect, test } from '@jest/globals'
import { Comparison, plainText } from './normalise.ts'

const LIST = '/api/v2.0/projects'
const TAG = {
  artifact_id: 1,
  id: 10,
  name: 'v1',
  immutable: false,
  push_time: '2026-11-21T07:12:31.424Z',
  pull_time: '0001-01-01T00:00:00.000Z',
}

function differs(recorded: unknown, own: unknown, request = LIST): string[] {
  return new Comparison().bodies(request, recorded, own).map(({ at }) => at)
}

test.each([
  ['a value', { ...TAG, name: 'v2' }, 'body.name'],
  ['a number that is no id of its own', { ...TAG, artifact_id: 2 }, 'body.artifact_id'],
  ['a flag', { ...TAG, immutable: true }, 'body.immutable'],
  ['null for a value', { ...TAG, name: null }, 'body.name'],
  ['a key too many', { ...TAG, labels: null }, 'body.labels'],
  ['a time that was given', { ...TAG, pull_time: '2026-08-26T00:00:00.000Z' }, 'body.pull_time'],
  ['a time where there is none', { ...TAG, pull_time: '2026-11-21T07:12:31.424Z' }, 'body.pull_time'],
  ['a time less precise', { ...TAG, push_time: '2026-11-21T07:12:31Z' }, 'body.push_time'],
])('sees %s', (_what, own, at) => {
  expect(differs(TAG, own)).toEqual([at])
})

test('sees a key too few, and lists too short, too long, or in another order', () => {
  const { name: _name, ...nameless } = TAG
  expect(differs(TAG, nameless)).toEqual(['body.name'])
  expect(differs([1, 2], [1])).toEqual(['body.length', 'body[1]'])
  expect(differs([1], [1, 2])).toEqual(['body.length'])
  expect(differs(['a', 'b'], ['b', 'a'])).toEqual(['body[0]', 'body[1]'])
})

test('minds the order of what Go takes from a map as little as Go does', () => {
  const [one, other] = [{ action: 'read' }, { action: 'list' }]
  const request = '/api/v2.0/users/current/permissions?scope=/project/2'
  expect(differs([one, other], [other, one], request)).toEqual([])
  expect(differs([one, other], [one, one], request)).toHaveLength(1)
})

test('lets ids of tags be counted otherwise, but the same one must be the same throughout', () => {
  const comparison = new Comparison()
  const sees = (recorded: number, own: number): number =>
    comparison.bodies(LIST, { ...TAG, id: recorded }, { ...TAG, id: own }).length
  expect([sees(10, 4), sees(11, 5), sees(10, 4)]).toEqual([0, 0, 0])
  expect([sees(10, 6), sees(12, 4)]).toEqual([1, 1])
})

test('lets instants be others, but what was at one instant there must be at one here', () => {
  const comparison = new Comparison()
  const sees = (recorded: string, own: string): number =>
    comparison.bodies(LIST, { op: recorded }, { op: own }).length
  expect(sees('2026-11-21T07:12:31.424Z', '2027-01-01T01:01:01.111Z')).toBe(0)
  expect(sees('2026-11-21T07:12:31.424Z', '2027-01-01T01:01:01.222Z')).toBe(1)
})

test('lets secrets be others, but not be left out', () => {
  expect(differs({ token: 'a' }, { token: 'b' })).toEqual([])
  expect(differs({ token: 'a' }, {})).toEqual(['body.token'])
})

test('takes instants, uuids and hosts out of texts, and nothing else', () => {
  const uuid = '0d1f3a52-9c34-4b7e-8f21-1234567890ab'
  expect(plainText(`at 2026-11-21T07:12:31Z ${uuid} http://127.0.0.1:8080/v2/ 42`)).toBe(
    'at <time> <uuid> <host>/v2/ 42',
  )
})
