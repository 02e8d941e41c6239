// What GitHub's headers say of its limits: pure arithmetic.
import { describe, expect, test } from '@jest/globals'
import { limitOf, type Headers } from '../../src/github/limits.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const PRIMARY = 'API rate limit exceeded for installation ID 1234.'
const SECONDARY = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
const FORBIDDEN = 'Resource not accessible by integration'
const MINUTE = 60_000

type Told = [status: number, headers: Headers, words: string]

function spentUntil(time: string): Headers {
  return { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.parse(time) / 1000) }
}

describe('how long it asks to wait', () => {
  test.each<[about: string, ...Told, wanted: number | undefined]>([
    [
      'until the hour is over, and a second',
      403,
      spentUntil('2026-11-21T12:20:00Z'),
      PRIMARY,
      20 * MINUTE + 1000,
    ],
    ['the same with 429', 429, spentUntil('2026-11-21T12:20:00Z'), PRIMARY, 20 * MINUTE + 1000],
    ['an hour that is over by now', 403, spentUntil('2026-11-21T11:59:00Z'), PRIMARY, 1000],
    ['as long as it says', 403, { 'retry-after': '7' }, SECONDARY, 7000],
    ['not at all', 429, { 'retry-after': '0' }, SECONDARY, 0],
    [
      'what it says goes before the hour',
      403,
      { ...spentUntil('2026-11-21T13:00:00Z'), 'retry-after': '7' },
      SECONDARY,
      7000,
    ],
    ['a minute where it doesn’t say', 403, { 'x-ratelimit-remaining': '900' }, SECONDARY, MINUTE],
    ['the old words for it', 403, {}, 'You have triggered an abuse detection mechanism.', MINUTE],
    ['without words', 429, {}, '', MINUTE],
    ['an empty header', 429, { 'retry-after': '' }, SECONDARY, MINUTE],
    [
      'nonsense',
      429,
      { 'retry-after': 'soon', 'x-ratelimit-reset': 'later', 'x-ratelimit-remaining': '0' },
      '',
      MINUTE,
    ],
    ['no words, nothing left', 403, spentUntil('2026-11-21T12:20:00Z'), '', 20 * MINUTE + 1000],
    [
      'no right, and nothing to do with limits',
      403,
      { 'x-ratelimit-remaining': '900' },
      FORBIDDEN,
      undefined,
    ],
    [
      'no right, and by chance the last of the hour',
      403,
      spentUntil('2026-11-21T13:00:00Z'),
      FORBIDDEN,
      undefined,
    ],
    ['something else', 401, { 'retry-after': '7' }, '', undefined],
    ['something else', 503, { 'retry-after': '7' }, '', undefined],
  ])('%s: %d %j', (_, ...told) => {
    const [status, headers, words, wanted] = told
    expect(limitOf(status, headers, words, NOW)).toBe(wanted)
  })
})

test('the server’s clock counts, not ours', () => {
  const headers = { ...spentUntil('2026-11-21T12:20:00Z'), date: 'Sat, 21 Nov 2026 12:19:00 GMT' }
  expect(limitOf(403, headers, PRIMARY, NOW)).toBe(MINUTE + 1000)
})
