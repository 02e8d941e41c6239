import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { formatBytes, parseBytes } from '../../src/shared/bytes.ts'

describe('parseBytes', () => {
  // A size as people write it, and how many bytes it is; undefined: not a size.
  test.each<[text: string, bytes: number | undefined]>([
    ['0B', 0],
    ['1B', 1],
    ['1kB', 1000],
    ['1KB', 1000],
    ['1KiB', 1024],
    ['500MiB', 524_288_000],
    ['2GB', 2_000_000_000],
    ['2 GB', 2_000_000_000],
    ['1.5 GiB', 1_610_612_736],
    ['0.001kB', 1],
    ['3TiB', 3_298_534_883_328],
    ['999999999999B', 999_999_999_999],
    ['', undefined],
    ['5', undefined],
    ['B', undefined],
    ['5iB', undefined],
    ['500kiB', undefined],
    ['2gb', undefined],
    ['2Gb', undefined],
    ['1PB', undefined],
    ['1,5GiB', undefined],
    ['1e3B', undefined],
    ['-1B', undefined],
    ['+1B', undefined],
    ['1  B', undefined],
    [' 1B', undefined],
    ['1B ', undefined],
    ['1B\n', undefined],
    ['.5GB', undefined],
    ['1.GB', undefined],
    ['1.2345GB', undefined],
    ['1234567890123B', undefined],
    ['\u0661B', undefined],
    ['1constructor', undefined],
  ])('reads %j as %p', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })
})

describe('formatBytes', () => {
  // Bytes, and how people read them: three significant digits, in the largest unit that leaves at least one.
  test.each<[bytes: number, text: string]>([
    [0, '0 B'],
    [1, '1 B'],
    [812, '812 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [1536, '1.50 KiB'],
    [10_229, '9.99 KiB'],
    [10_240, '10.0 KiB'],
    [102_348, '99.9 KiB'],
    [102_400, '100 KiB'],
    [1_047_552, '1023 KiB'],
    [2 ** 20, '1.00 MiB'],
    [6_443_964, '6.15 MiB'],
    [2 ** 30, '1.00 GiB'],
    [2 ** 40, '1.00 TiB'],
    [2 ** 50, '1024 TiB'],
    [3 * 2 ** 52, '12288 TiB'],
  ])('writes %p as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  // What rounds up to the next unit, or to one digit more.
  test.each<[bytes: number, text: string]>([
    [10_239, '10.0 KiB'],
    [102_399, '100 KiB'],
    [2 ** 20 - 1, '1.00 MiB'],
    [2 ** 30 - 1, '1.00 GiB'],
    [2 ** 40 - 1, '1.00 TiB'],
  ])('writes %p as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  test('what is written is read back within half a percent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 49 }), (bytes) => {
        const back = parseBytes(formatBytes(bytes)) ?? Number.NaN
        expect(Math.abs(back - bytes)).toBeLessThanOrEqual(bytes * 0.005)
      }),
    )
  })
})
