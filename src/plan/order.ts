import { compareVersions } from '../patterns/version.ts'
import type { KeepOrder } from '../policy/types.ts'
import { compareText } from '../shared/order.ts'
import type { Unit } from './unit.ts'

/** Orders units, the one to keep first. */
export type UnitOrder = (a: Unit, b: Unit) => number

/**
 * The order that `by` names: newest first, highest version first, last name first. Ties go to the newer push, then
 * to the higher version, the later name, the higher digest, so that no two units are equal.
 */
export function orderBy(by: KeepOrder): UnitOrder {
  const first = FIRST[by]
  return (a, b) => first(a, b) || byPush(a, b) || byVersion(a, b) || byName(a, b) || byDigest(a, b)
}

const FIRST: Readonly<Record<KeepOrder, UnitOrder>> = {
  pushed: byPush,
  created: (a, b) => (b.artifact.created ?? 0) - (a.artifact.created ?? 0),
  pulled: (a, b) => b.used - a.used,
  semver: byVersion,
  name: byName,
}

function byPush(a: Unit, b: Unit): number {
  return b.pushed - a.pushed
}

/** Tags that aren't versions come after those that are. */
function byVersion(a: Unit, b: Unit): number {
  if (a.version === null || b.version === null) return Number(a.version === null) - Number(b.version === null)
  return compareVersions(b.version, a.version)
}

function byName(a: Unit, b: Unit): number {
  return compareText(b.name, a.name)
}

function byDigest(a: Unit, b: Unit): number {
  return compareText(b.artifact.digest, a.artifact.digest)
}
