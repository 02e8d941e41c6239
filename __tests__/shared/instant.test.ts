import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { formatInstant, formatMinute, parseInstant } from '../../src/shared/instant.ts'

describe('parseInstant', () => {
  // An instant as people write it, and the same moment as ISO 8601 in UTC; undefined: not an instant.
  test.each<[text: string, iso: string | undefined]>([
    // A date alone is its first moment in UTC.
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['2026-02-29', undefined],
    ['1900-02-29', undefined],
    ['2026-02-30', undefined],
    ['2026-04-31', undefined],
    ['2026-11-31T00:00:00Z', undefined],
    ['2026-02-30T12:00:00+02:00', undefined],
    ['2026-13-01', undefined],
    ['2026-00-10', undefined],
    ['2026-01-00', undefined],
    ['2026-01-32', undefined],
    // Times need an offset, and are there as far as is said.
    ['2026-11-21T08:00:00Z', '2026-11-21T08:00:00.000Z'],
    ['2026-11-21T08:00Z', '2026-11-21T08:00:00.000Z'],
    ['2026-11-21T08:00:00.5Z', '2026-11-21T08:00:00.500Z'],
    ['2026-11-21T08:00:00.123456789Z', '2026-11-21T08:00:00.123Z'],
    ['2026-11-21T08:00:00', undefined],
    ['2026-11-21T08:00', undefined],
    ['2026-11-21T08Z', undefined],
    ['2026-11-21T', undefined],
    ['2026-11-21Z', undefined],
    // Offsets reach into the day before and the day after.
    ['2026-11-21T08:00:00+02:00', '2026-11-21T06:00:00.000Z'],
    ['2026-11-21T00:30:00+02:00', '2026-11-20T22:30:00.000Z'],
    ['2026-12-31T23:30:00-01:00', '2027-01-01T00:30:00.000Z'],
    ['2026-11-21T08:00:00+05:45', '2026-11-21T02:15:00.000Z'],
    ['2026-11-21T08:00:00-00:00', '2026-11-21T08:00:00.000Z'],
    ['2026-11-21T08:00:00+0200', undefined],
    ['2026-11-21T08:00:00+02', undefined],
    ['2026-11-21T08:00:00+24:00', undefined],
    ['2026-11-21T08:00:00+05:60', undefined],
    ['2026-11-21T08:00:00-99:99', undefined],
    // The end of the day is one of the day after; a leap second is none of ours.
    ['2026-11-21T24:00:00Z', '2026-11-22T00:00:00.000Z'],
    ['2026-11-21T24:00:01Z', undefined],
    ['2026-11-21T25:00:00Z', undefined],
    ['2026-11-21T08:60:00Z', undefined],
    ['2026-11-21T08:00:60Z', undefined],
    ['2016-12-31T23:59:60Z', undefined],
    // Forms that Date.parse alone would take.
    ['', undefined],
    ['now', undefined],
    ['2026', undefined],
    ['2026-11', undefined],
    ['20261121', undefined],
    ['21 Nov 2026', undefined],
    ['11/21/2026', undefined],
    ['2026-11-21 08:00:00Z', undefined],
    ['2026-11-21t08:00:00z', undefined],
    ['2026-11-21T08:00:00,5Z', undefined],
    ['2026-11-21T08:00:00.Z', undefined],
    ['+002026-11-21', undefined],
    [' 2026-11-21', undefined],
    ['2026-11-21\n', undefined],
    ['2026-1-2', undefined],
    ['1763712000000', undefined],
  ])('reads %j as %p', (text, iso) => {
    const instant = parseInstant(text)
    expect(instant === undefined ? undefined : formatInstant(instant)).toBe(iso)
  })

  test('reads back what formatInstant writes', () => {
    const instants = fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 11, 31) })
    fc.assert(
      fc.property(instants, (instant) => {
        expect(parseInstant(formatInstant(instant))).toBe(instant)
      }),
    )
  })
})

test('formatMinute writes an instant for people, to the minute', () => {
  expect(formatMinute(Date.UTC(2026, 10, 21, 8, 56, 59, 999))).toBe('2026-11-21 08:56 UTC')
})
