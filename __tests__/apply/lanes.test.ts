// In which order images are copied, by as many workers as there are.
import { describe, expect, test } from '@jest/globals'
import { Lanes } from '../../src/apply/lanes.ts'
import type { Copy } from '../../src/plan/types.ts'
import { forEachOf } from '../../src/shared/concurrency.ts'
import { digest, image, registry } from '../plan/registry.ts'

interface Given {
  readonly repository: string
  /** A letter: its digest. */
  readonly name: string
  /** Days since its push. */
  readonly pushed: number
  readonly size: number
  readonly target?: string
}

function copyOf({ repository, name, target = `mirror.example/${repository}` }: Given): Copy {
  return {
    kind: 'copy',
    repository,
    digest: digest(name),
    tags: [name],
    target,
    accessories: [],
    rule: '',
    reason: '',
  }
}

function lanesOf(given: readonly Given[]): Lanes {
  const inventory = registry(
    Object.fromEntries(
      [...Map.groupBy(given, ({ repository }) => repository)].map(([name, images]) => [
        name,
        images.map((each) => image(each.name, { pushed: each.pushed, size: each.size, tags: [each.name] })),
      ]),
    ),
  )
  return new Lanes(
    given.map((each) => copyOf(each)),
    inventory,
  )
}

interface Run {
  /** Names in the order in which they began. */
  readonly begun: readonly string[]
  /** Names that were under way when each began. */
  readonly beside: Readonly<Record<string, readonly string[]>>
}

/** Copies with so many workers; each takes as long as it is large. */
async function run(given: readonly Given[], width: number): Promise<Run> {
  const lanes = lanesOf(given)
  const begun: string[] = []
  const beside: Record<string, readonly string[]> = {}
  const underWay = new Set<string>()
  await forEachOf(lanes.ready(), width, async (copy) => {
    const [name = ''] = copy.tags
    begun.push(name)
    beside[name] = [...underWay]
    underWay.add(name)
    const size = given.find((each) => each.name === name)?.size ?? 0
    for (let tick = 0; tick < size; tick += 1) await Promise.resolve()
    underWay.delete(name)
    lanes.ended(copy)
  })
  return { begun, beside }
}

const SMALL = 'team/small'
const LARGE = 'team/large'

describe('to one target', () => {
  const given = ['d', 'a', 'c', 'b'].map((name, index) => ({
    repository: SMALL,
    name,
    pushed: [1, 40, 2, 30][index] ?? 0,
    size: 20,
  }))

  test('the oldest come first, the first of them alone', async () => {
    const { begun, beside } = await run(given, 4)
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
    expect(beside).toEqual({ a: [], b: [], c: ['b'], d: ['b', 'c'] })
  })

  test('one at a time, all the same', async () => {
    expect((await run(given, 1)).begun).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('to several targets', () => {
  const given: readonly Given[] = [
    { repository: SMALL, name: 'a', pushed: 9, size: 10 },
    { repository: SMALL, name: 'b', pushed: 8, size: 10 },
    { repository: LARGE, name: 'c', pushed: 7, size: 100 },
    { repository: LARGE, name: 'd', pushed: 6, size: 100 },
    { repository: LARGE, name: 'e', pushed: 5, size: 100 },
  ]

  test('what has most left to send comes first; while its first one is alone, another target’s goes on', async () => {
    const { begun, beside } = await run(given, 4)
    expect(begun).toEqual(['c', 'a', 'b', 'd', 'e'])
    // The seed of the small one beside that of the large one, and nobody else's.
    expect([beside['a'], beside['b']]).toEqual([['c'], ['c']])
    expect(beside['d']).not.toContain('c')
  })

  test('two sources of one target are one family', async () => {
    const target = 'mirror.example/both'
    const { beside } = await run(
      given.map((each) => ({ ...each, target })),
      4,
    )
    expect(beside['a']).toEqual([])
    expect(Object.values(beside).filter((names) => names.includes('a'))).toEqual([])
  })
})

test('every copy comes once, with any number of workers', async () => {
  const names = '0123456789abcdef'.split('')
  const given = names.map((name, index) => ({
    repository: `team/r${index % 5}`,
    name,
    pushed: index,
    size: (index * 7) % 11,
  }))
  for (let width = 1; width <= 8; width += 1) {
    expect((await run(given, width)).begun.toSorted()).toEqual(names.toSorted())
  }
})

test('none at all', async () => {
  expect((await run([], 4)).begun).toEqual([])
})
