import type { Condition, TimeCondition } from '../policy/types.ts'
import type { Instant } from '../shared/instant.ts'
import type { Unit } from './unit.ts'

/**
 * Whether a condition holds for a unit. What happened exactly a duration ago is no longer within it.
 *
 * @param ifUnknown the answer where the time isn't known: false where holding may delete, true where it keeps
 */
export function holds(condition: Condition, unit: Unit, now: Instant, ifUnknown: boolean): boolean {
  if (condition.kind === 'severity-at-least') return ifUnknown
  const since = sinceOf(condition.kind, unit)
  if (since === null) return ifUnknown
  const within = now - since < condition.duration
  return condition.kind.startsWith('not-') ? !within : within
}

/** The first of the conditions that doesn't hold for a unit, if any: then their action isn't due. */
export function firstUnmet(
  conditions: readonly Condition[],
  unit: Unit,
  now: Instant,
  ifUnknown: boolean,
): Condition | undefined {
  return conditions.find((condition) => !holds(condition, unit, now, ifUnknown))
}

/** The moment that a condition counts from; null: unknown. */
export function sinceOf(kind: TimeCondition, unit: Unit): Instant | null {
  switch (kind) {
    case 'pushed-within':
    case 'not-pushed-for': {
      return unit.pushed
    }
    case 'pulled-within':
    case 'not-pulled-for': {
      return unit.used
    }
    case 'created-within':
    case 'not-created-for': {
      return unit.artifact.created
    }
  }
}
