// When a request is sent again, and after how long: pure arithmetic.
import { describe, expect, test } from '@jest/globals'
import { DEFAULT_RETRY, isTransient, pauseBefore, type RetryPolicy } from '../../src/harbor/retry.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const POLICY: RetryPolicy = { attempts: 5, pause: 500, longest: 60_000 }

describe('the pause doubles from try to try, and chance takes up to half of it', () => {
  test.each([
    [1, 0, 250],
    [1, 0.5, 375],
    [1, 1, 500],
    [2, 0, 500],
    [2, 1, 1000],
    [3, 1, 2000],
    [4, 0, 2000],
    [4, 1, 4000],
    [8, 1, 60_000],
    [1000, 1, 60_000],
  ])('after try %d with chance %d: %d ms', (attempt, chance, wanted) => {
    expect(pauseBefore(POLICY, attempt, { retryAfter: undefined, chance, now: NOW })).toBe(wanted)
  })
})

describe('Retry-After is heeded, up to the longest pause', () => {
  test.each([
    ['7', 7000],
    ['0', 250],
    ['120', 60_000],
    ['99999999999999999999', 60_000],
    ['Sat, 21 Nov 2026 12:00:09 GMT', 9000],
    ['Saturday, 21-Nov-26 12:00:09 GMT', 9000],
    ['Sat, 21 Nov 2026 11:59:00 GMT', 250],
    ['Sat, 21 Nov 2026 13:00:00 GMT', 60_000],
    ['', 250],
    ['soon', 250],
    ['-5', 250],
  ])('%j: %d ms', (retryAfter, wanted) => {
    expect(pauseBefore(POLICY, 1, { retryAfter, chance: 0, now: NOW })).toBe(wanted)
  })

  test('it never makes a pause shorter than it would have been', () => {
    expect(pauseBefore(POLICY, 4, { retryAfter: '1', chance: 1, now: NOW })).toBe(4000)
  })
})

test('what may pass is tried again: too many requests, and whatever servers say when they stumble', () => {
  const refused = [200, 301, 400, 401, 403, 404, 405, 409, 412, 413, 418, 422]
  const passing = [408, 429, 500, 502, 503, 504, 507, 522]
  expect(refused.filter((status) => isTransient(status))).toEqual([])
  expect(passing.filter((status) => isTransient(status))).toEqual(passing)
})

test('five tries, of which the pauses together take at most half a minute', () => {
  const pauses = [1, 2, 3, 4].map((attempt) =>
    pauseBefore(DEFAULT_RETRY, attempt, { retryAfter: undefined, chance: 1, now: NOW }),
  )
  expect(DEFAULT_RETRY.attempts).toBe(5)
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeLessThanOrEqual(30_000)
})
