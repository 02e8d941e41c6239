import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { compareText } from '../../src/shared/order.ts'

test('orders by UTF-16 code units, whatever the locale', () => {
  const texts = ['\uFB33', '\u{1F600}', 'b', 'B', 'a', '', '10', '9', '\u00E4', 'aa', '-', '_']
  expect(texts.toSorted(compareText)).toEqual([
    '',
    '-',
    '10',
    '9',
    'B',
    '_',
    'a',
    'aa',
    'b',
    '\u00E4',
    '\u{1F600}',
    '\uFB33',
  ])
})

test('is the order of < for any two texts, either way round', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(compareText(a, b)).toBe(a < b ? -1 : Number(a > b))
      expect(compareText(b, a) + compareText(a, b)).toBe(0)
    }),
  )
})
