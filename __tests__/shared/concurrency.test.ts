import { describe, expect, test } from '@jest/globals'
import { setImmediate as turn } from 'node:timers/promises'
import { forEachOf } from '../../src/shared/concurrency.ts'

/** Work that notes what was begun, and how much of it was under way at once. */
class Log {
  readonly begun: number[] = []
  most = 0
  #underWay = 0

  async work(item: number): Promise<void> {
    this.begun.push(item)
    this.#underWay += 1
    this.most = Math.max(this.most, this.#underWay)
    await turn()
    this.#underWay -= 1
  }
}

const TEN = Array.from({ length: 10 }, (_, index) => index)

async function* later(items: readonly number[]): AsyncGenerator<number> {
  for (const item of items) {
    await turn()
    yield item
  }
}

describe('forEachOf', () => {
  // How wide it may be, how many items there are, and how many are under way at most.
  test.each([
    [1, TEN, 1],
    [3, TEN, 3],
    [10, TEN, 10],
    [64, TEN, 10],
    [3, [], 0],
  ])('when it is %p wide it does each of %p once, in order, %p at a time', async (width, items, most) => {
    const log = new Log()
    await forEachOf(items, width, (item) => log.work(item))
    expect([log.begun, log.most]).toEqual([items, most])
  })

  test('takes items as they come', async () => {
    const log = new Log()
    await forEachOf(later(TEN), 3, (item) => log.work(item))
    expect(log.begun).toEqual(TEN)
  })

  test('when work throws it says what was thrown and begins nothing new', async () => {
    const log = new Log()
    const failing = async (item: number): Promise<void> => {
      await log.work(item)
      if (item === 2) throw new Error('no')
    }
    await expect(forEachOf(TEN, 2, failing)).rejects.toThrow('no')
    await turn()
    expect(log.begun.length).toBeLessThanOrEqual(4)
  })

  test('when the items themselves fail it says so', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1
      await turn()
      throw new Error('broken')
    }
    await expect(forEachOf(broken(), 2, () => Promise.resolve())).rejects.toThrow('broken')
  })
})
