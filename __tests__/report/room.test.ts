import { describe, expect, test } from '@jest/globals'
import { byteLength } from '../../src/report/escape.ts'
import { share, takeInTurn, type Block } from '../../src/report/room.ts'

/** A block that takes what there is, up to so many bytes; none where there are fewer than three. */
function upTo(bytes: number): Block {
  return (room) => (room < 3 ? '' : 'x'.repeat(Math.min(bytes, Math.floor(room))))
}

function sizes(blocks: readonly string[]): number[] {
  return blocks.map((block) => byteLength(block))
}

describe('in turn', () => {
  test('each block gets what the ones before it left, with what is between them', () => {
    expect(sizes(takeInTurn(30, [upTo(10), upTo(10), upTo(10)]))).toEqual([10, 10, 4])
    expect(sizes(takeInTurn(24, [upTo(10), upTo(10), upTo(10)]))).toEqual([10, 10])
  })

  test('one that does not fit is left out, and leaves its room to the next', () => {
    expect(sizes(takeInTurn(10, [() => 'x'.repeat(9), upTo(5)]))).toEqual([5])
  })

  test('what is shown, an empty line before each, is never more than there is room', () => {
    for (let room = -5; room < 60; room += 1) {
      const blocks = takeInTurn(room, [upTo(10), () => '\u00E9'.repeat(7), upTo(3), upTo(100)])
      expect(byteLength(blocks.map((block) => `\n\n${block}`).join(''))).toBeLessThanOrEqual(
        Math.max(0, room),
      )
    }
  })
})

describe('shared', () => {
  const weighed = (bytes: number, weight = 1): Parameters<typeof share>[1][number] => ({
    make: upTo(bytes),
    size: bytes,
    weight,
  })

  test('what small blocks do not need is for the larger, wherever they stand', () => {
    expect(sizes(share(104, [weighed(1000), weighed(10)]))).toEqual([90, 10])
    expect(sizes(share(104, [weighed(10), weighed(1000)]))).toEqual([10, 90])
  })

  test('large ones get as much as each other, or more if they weigh more', () => {
    expect(sizes(share(104, [weighed(1000), weighed(1000)]))).toEqual([50, 50])
    const [light = 0, heavy = 0] = sizes(share(1000, [weighed(10_000), weighed(10_000, 4)]))
    expect(heavy / light).toBeGreaterThan(3.5)
  })

  test('one without room is empty, in its place', () => {
    expect(sizes(share(8, [weighed(9), { make: () => '', size: 1, weight: 1 }]))).toEqual([6, 0])
    expect(sizes(share(0, [weighed(9), weighed(9)]))).toEqual([0, 0])
    expect(share(100, [])).toEqual([])
  })
})
