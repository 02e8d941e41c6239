import type { Instant } from '../shared/instant.ts'
import type { Artifact, Tag } from './types.ts'

/**
 * One artifact out of two readings of it. Harbor answers 200 with a field empty when looking that field up failed, so
 * what only one reading has counts: each tag, label and accessory of either, and the later times.
 */
export function mergeReadings(first: Artifact, second: Artifact): Artifact {
  return {
    ...second,
    pushed: Math.max(first.pushed, second.pushed),
    pulled: later(first.pulled, second.pulled),
    labels: union(first.labels, second.labels, (label) => label),
    tags: mergeTags(first.tags, second.tags),
    children: union(first.children, second.children, (digest) => digest) ?? [],
    accessories: union(first.accessories, second.accessories, ({ digest }) => digest),
  }
}

function mergeTags(first: readonly Tag[], second: readonly Tag[]): readonly Tag[] {
  const before = new Map(first.map((tag) => [tag.name, tag]))
  const again = second.map((tag): Tag => {
    const { pushed, pulled, immutable } = before.get(tag.name) ?? tag
    return {
      name: tag.name,
      pushed: Math.max(pushed, tag.pushed),
      pulled: later(pulled, tag.pulled),
      immutable: immutable === true ? immutable : tag.immutable,
    }
  })
  return union(first, again, ({ name }) => name) ?? []
}

function later(a: Instant | null, b: Instant | null): Instant | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

/** Of two with the same key the second stands. */
function union<T>(
  first: readonly T[] | null,
  second: readonly T[] | null,
  key: (item: T) => string,
): readonly T[] | null {
  if (first === null || second === null) return second ?? first
  return [...new Map([...first, ...second].map((item) => [key(item), item])).values()]
}
