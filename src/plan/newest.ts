import type { Grouping, KeepOrder } from '../policy/types.ts'
import { orderBy, type UnitOrder } from './order.ts'
import type { Unit } from './unit.ts'

/** What keeps the newest images of each group. */
export interface Newest {
  readonly newest: number
  readonly by: KeepOrder
  readonly per?: Grouping
}

/** Why a unit is among the newest: its image's rank in its group, counted from 1. */
export interface Rank {
  readonly rank: number
  readonly group: string
}

/**
 * The members that stand on the newest images of their group. Images are counted, not tags: one with several tags in
 * a group counts once, by the best of them. An image whose age isn't known stays and takes nobody's place.
 *
 * @param members units of one repository, the units of an artifact next to each other
 * @param possible units that may be members: kept where they would be among the newest, without taking a place
 */
export function newestOf(
  members: readonly Unit[],
  { newest, by, per }: Newest,
  possible: readonly Unit[] = [],
): ReadonlyMap<Unit, Rank> {
  const order = orderBy(by)
  const ageless = (unit: Unit): boolean => by === 'created' && unit.artifact.created === null
  const groups = groupsOf(members, per)
  const guests = groupsOf(possible, per)
  const kept = new Map<Unit, Rank>()
  for (const group of new Set([...groups.keys(), ...guests.keys()])) {
    const units = groups.get(group) ?? []
    const images = imagesOf(units, order)
    const first = firstOf(
      images.filter((image) => !ageless(image)),
      newest,
      order,
    )
    const ranks = new Map(first.map((image, index) => [image.artifact, index + 1]))
    for (const unit of units) {
      const rank = ageless(unit) ? 0 : ranks.get(unit.artifact)
      if (rank !== undefined) kept.set(unit, { rank, group })
    }
    const last = first.length < newest ? undefined : first.at(-1)
    const others = guests.get(group) ?? []
    const welcome = imagesOf(others, order)
      .filter((image) => last === undefined || ageless(image) || order(image, last) < 0)
      .map(({ artifact }) => artifact)
    const among = new Set(welcome)
    for (const unit of others) if (among.has(unit.artifact)) kept.set(unit, { rank: 0, group })
  }
  return kept
}

/** The images that units stand on, each spoken for by its best unit; the units of an artifact are next to each other. */
function imagesOf(units: readonly Unit[], order: UnitOrder): readonly Unit[] {
  const images: Unit[] = []
  for (const unit of units) {
    const last = images.at(-1)
    if (last?.artifact !== unit.artifact) images.push(unit)
    else if (order(unit, last) < 0) images[images.length - 1] = unit
  }
  return images
}

function groupsOf(members: readonly Unit[], per: Grouping | undefined): ReadonlyMap<string, readonly Unit[]> {
  if (per === undefined) return new Map([['', members]])
  const groups = new Map<string, Unit[]>()
  for (const unit of members) {
    const name = groupName(unit, per)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [unit])
    else group.push(unit)
  }
  return groups
}

/** The group's name, after a `=`; what has none is a group of its own, named ''. */
function groupName(unit: Unit, per: Grouping): string {
  if (typeof per !== 'string') {
    const captures = per.captures(unit.name)
    return captures === undefined ? '' : `=${captures.join('/')}`
  }
  if (unit.version === null) return ''
  const { major, minor } = unit.version
  return per === 'major' ? `=${major}` : `=${major}.${minor}`
}

/** The first `count` in an order, sorted. Few of many are picked without sorting them all. */
function firstOf(units: readonly Unit[], count: number, order: UnitOrder): readonly Unit[] {
  if (count > 64 || units.length <= count) return units.toSorted(order).slice(0, count)
  const first: Unit[] = []
  for (const unit of units) {
    const last = first.length === count ? first.at(-1) : undefined
    if (last !== undefined && order(unit, last) > 0) continue
    const place = first.findIndex((other) => order(unit, other) < 0)
    first.splice(place === -1 ? first.length : place, 0, unit)
    if (first.length > count) first.pop()
  }
  return first
}
