import { regexOf } from './patterns.ts'
import { inFamily } from './select.ts'
import { builtAt, pushedAt, usedAt, type OracleUnit } from './units.ts'
import { higherFirst, versionOf } from './versions.ts'
import type { WrittenKeep, WrittenRule } from './written.ts'

/** Whether one unit is before another, newest first. */
type Order = (a: OracleUnit, b: OracleUnit) => number

const name = (unit: OracleUnit): string => unit.tag?.name ?? ''

const newerPush: Order = (a, b) => pushedAt(b) - pushedAt(a)
const higherVersion: Order = (a, b) => higherFirst(a.tag?.name ?? null, b.tag?.name ?? null)
/** `by: name` needs the greatest name to be the newest, as with dates; ties are broken the same way. */
const greaterName: Order = (a, b) => compareTexts(name(b), name(a))
const greaterDigest: Order = (a, b) => compareTexts(b.artifact.digest, a.artifact.digest)

/** "`by` is `pushed` (default), `created`, `pulled`, `semver`, `name`." */
const FIRST: Readonly<Record<NonNullable<WrittenKeep['by']>, Order>> = {
  pushed: newerPush,
  created: (a, b) => (builtAt(b) ?? 0) - (builtAt(a) ?? 0),
  pulled: (a, b) => usedAt(b) - usedAt(a),
  semver: higherVersion,
  name: greaterName,
}

/** "Ties: newer push, higher semver, name, digest; the order is total." */
export function byNewest(by: NonNullable<WrittenKeep['by']> = 'pushed'): Order {
  const orders = [FIRST[by], newerPush, higherVersion, greaterName, greaterDigest]
  return (a, b) => orders.reduce((decided, order) => (decided === 0 ? order(a, b) : decided), 0)
}

/**
 * "`newest: N` counts *images* (distinct digests) over the whole family before any condition, per repository and per
 * group."
 *
 * @param repository all units of the unit's repository
 */
export function amongNewest(unit: OracleUnit, rule: WrittenRule, repository: readonly OracleUnit[]): boolean {
  const { newest, per, by = 'pushed' } = rule.keep ?? {}
  if (newest === undefined || newest === 0) return false
  // "What isn't known decides for keeping": whoever may be one of the newest stays, and takes nobody's place.
  const rankable = (other: OracleUnit): boolean => by !== 'created' || builtAt(other) !== undefined
  if (!rankable(unit)) return true
  const own = (other: OracleUnit): boolean => other.artifact.digest === unit.artifact.digest
  const group = repository.filter(
    (other) =>
      (inFamily(other, rule) === 'yes' || (own(other) && inFamily(other, rule) === 'unknown')) &&
      rankable(other) &&
      groupOf(other, per) === groupOf(unit, per),
  )
  return newestImages(group, newest, by).has(unit.artifact.digest)
}

/** The first so many distinct digests, newest first. */
export function newestImages(
  units: readonly OracleUnit[],
  count: number,
  by?: NonNullable<WrittenKeep['by']>,
): Set<string> {
  const digests = units.toSorted(byNewest(by)).map(({ artifact }) => artifact.digest)
  return new Set([...new Set(digests)].slice(0, count))
}

/**
 * "`per` is `major`, `minor`, or a regex whose captures name the group (tags that it doesn't match, or that aren't
 * versions, are one group of their own)."
 */
function groupOf(unit: OracleUnit, per: string | undefined): string {
  if (per === undefined) return 'everything'
  if (per === 'major' || per === 'minor') {
    const version = versionOf(unit.tag?.name ?? null)
    if (version === undefined) return 'the others'
    return per === 'major' ? `${version.major}` : `${version.major}.${version.minor}`
  }
  const match = unit.tag === null ? null : regexOf(per)?.exec(unit.tag.name)
  return match === null || match === undefined ? 'the others' : JSON.stringify(match.slice(1))
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
