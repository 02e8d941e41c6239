import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { formatDuration, parseDuration } from '../../src/shared/duration.ts'

const [SECOND, MINUTE, HOUR, DAY, WEEK] = [1000, 60_000, 3_600_000, 86_400_000, 604_800_000]

describe('parseDuration', () => {
  // A duration as people write it, and its milliseconds; undefined: not a duration.
  test.each<[text: string, duration: number | undefined]>([
    ['90m', 90 * MINUTE],
    ['36h', 36 * HOUR],
    ['14d', 14 * DAY],
    ['6w', 6 * WEEK],
    ['0d', 0],
    ['007d', 7 * DAY],
    ['999999w', 999_999 * WEEK],
    ['', undefined],
    ['14', undefined],
    ['d', undefined],
    ['1.5d', undefined],
    ['-1d', undefined],
    ['+1d', undefined],
    ['1 d', undefined],
    [' 1d', undefined],
    ['1d ', undefined],
    ['1d\n', undefined],
    ['1D', undefined],
    ['1M', undefined],
    ['1s', undefined],
    ['1y', undefined],
    ['1mo', undefined],
    ['3 months', undefined],
    ['1d12h', undefined],
    ['P14D', undefined],
    ['1e3d', undefined],
    ['1000000d', undefined],
    ['\u0661d', undefined],
    ['always', undefined],
    ['1constructor', undefined],
  ])('reads %j as %p', (text, duration) => {
    expect(parseDuration(text)).toBe(duration)
  })
})

describe('formatDuration', () => {
  // A duration, and how people read it: rounded down, in a unit that leaves at least two or comes out even.
  test.each<[duration: number, text: string]>([
    [0, '0m'],
    [59 * SECOND, '0m'],
    [MINUTE, '1m'],
    [HOUR - 1, '59m'],
    [HOUR, '1h'],
    [90 * MINUTE, '90m'],
    [2 * HOUR - 1, '119m'],
    [2 * HOUR, '2h'],
    [DAY - 1, '23h'],
    [DAY, '1d'],
    [DAY + 1, '24h'],
    [36 * HOUR, '36h'],
    [2 * DAY - 1, '47h'],
    [2 * DAY, '2d'],
    [41.9 * DAY, '41d'],
    [6 * WEEK, '42d'],
    [-HOUR, '-1h'],
    [-36 * HOUR, '-36h'],
  ])('writes %p as %s', (duration, text) => {
    expect(formatDuration(duration)).toBe(text)
  })

  test('what is written is never more than what was meant, nor less by half', () => {
    fc.assert(
      fc.property(fc.integer({ min: MINUTE, max: 900_000 * DAY }), (duration) => {
        const written = parseDuration(formatDuration(duration)) ?? Number.NaN
        expect(written).toBeLessThanOrEqual(duration)
        expect(written).toBeGreaterThan(duration / 2)
      }),
    )
  })
})
