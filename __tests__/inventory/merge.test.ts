import { describe, expect, test } from '@jest/globals'
import { mergeReadings } from '../../src/inventory/merge.ts'
import type { Accessory, Artifact, Tag } from '../../src/inventory/types.ts'
import { artifact, digest, tag } from './inventory.ts'

function accessory(letter: string, others: Partial<Accessory> = {}): Accessory {
  return {
    digest: digest(letter),
    subject: digest('a'),
    type: 'signature.cosign',
    size: 100,
    tags: null,
    children: null,
    ...others,
  }
}

/** What both readings of one artifact come to. */
function merged(first: Partial<Artifact>, second: Partial<Artifact>): Artifact {
  return mergeReadings(artifact('a', first), artifact('a', second))
}

describe('two readings of one artifact', () => {
  test('that are the same are that', () => {
    const same = {
      tags: [tag('x')],
      labels: ['keep'],
      children: [digest('b')],
      accessories: [accessory('c')],
    }
    expect(merged(same, same)).toEqual(artifact('a', same))
  })

  // A field of the first reading, of the second, and of both together.
  test.each<[first: Partial<Artifact>, second: Partial<Artifact>, both: Partial<Artifact>]>([
    [{ pushed: 100 }, { pushed: 200 }, { pushed: 200 }],
    [{ pushed: 200 }, { pushed: 100 }, { pushed: 200 }],
    [{ pulled: null }, { pulled: 5 }, { pulled: 5 }],
    [{ pulled: 5 }, { pulled: null }, { pulled: 5 }],
    [{ pulled: 7 }, { pulled: 5 }, { pulled: 7 }],
    [{ pulled: 0 }, { pulled: null }, { pulled: 0 }],
    [{ pulled: null }, { pulled: null }, { pulled: null }],
    // Harbor answers with an empty list where it failed to look one up.
    [{ labels: ['keep'] }, { labels: [] }, { labels: ['keep'] }],
    [{ labels: [] }, { labels: ['keep'] }, { labels: ['keep'] }],
    [{ labels: ['a', 'b'] }, { labels: ['b', 'c'] }, { labels: ['a', 'b', 'c'] }],
    [{ labels: null }, { labels: ['keep'] }, { labels: ['keep'] }],
    [{ labels: ['keep'] }, { labels: null }, { labels: ['keep'] }],
    [{ labels: null }, { labels: null }, { labels: null }],
    [{ children: [digest('b')] }, { children: [] }, { children: [digest('b')] }],
    [{ children: [] }, { children: [digest('b')] }, { children: [digest('b')] }],
    [{ tags: [tag('x')] }, { tags: [] }, { tags: [tag('x')] }],
    [{ tags: [] }, { tags: [tag('x')] }, { tags: [tag('x')] }],
    [{ tags: [tag('x'), tag('y')] }, { tags: [tag('z')] }, { tags: [tag('x'), tag('y'), tag('z')] }],
    [{ tags: [tag('x', 1)] }, { tags: [tag('x', 2)] }, { tags: [tag('x', 2)] }],
    [
      { tags: [tag('x', 1, { immutable: false })] },
      { tags: [tag('x', 1, { immutable: true })] },
      { tags: [tag('x', 1, { immutable: true })] },
    ],
    [{ accessories: null }, { accessories: [accessory('b')] }, { accessories: [accessory('b')] }],
    [{ accessories: [accessory('b')] }, { accessories: [] }, { accessories: [accessory('b')] }],
    [
      { accessories: [accessory('b')] },
      { accessories: [accessory('c')] },
      { accessories: [accessory('b'), accessory('c')] },
    ],
    // What a manifest is doesn't change: the second reading stands.
    [{ platforms: null }, { platforms: ['linux/amd64'] }, { platforms: ['linux/amd64'] }],
    [{ created: null }, { created: 50 }, { created: 50 }],
    [{ created: 50 }, { created: null }, { created: null }],
    [{ size: 1 }, { size: 2 }, { size: 2 }],
  ])('%j and %j: %j', (first, second, both) => {
    expect(merged(first, second)).toEqual(artifact('a', both))
  })

  // What is in the way of deleting a tag counts like the tag itself.
  test.each<[first: Partial<Tag>, second: Partial<Tag>, both: Partial<Tag>]>([
    [{ immutable: true }, { immutable: false }, { immutable: true }],
    [{ pushed: 200 }, { pushed: 100 }, { pushed: 200 }],
    [{ pulled: 200 }, { pulled: null }, { pulled: 200 }],
  ])('of a tag %j and %j: %j', (first, second, both) => {
    const readings = [first, second, both].map((each) => ({ tags: [tag('x', 100, each)] }))
    expect(merged(readings[0] ?? {}, readings[1] ?? {})).toEqual(artifact('a', readings[2]))
  })
})
