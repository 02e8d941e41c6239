import type { Instant } from '../../src/shared/instant.ts'
import { milliseconds, withinSize } from './measures.ts'
import { listMatches, platformMatches } from './patterns.ts'
import { builtAt, pushedAt, subjectOf, usedAt, type OracleUnit } from './units.ts'
import { inRange, isPrerelease, versionOf } from './versions.ts'
import type { WrittenConditions, WrittenRule, WrittenSelect, WrittenWhen } from './written.ts'

/** What can be said of a unit. */
export type Answer = 'yes' | 'no' | 'unknown'

/** "All given must hold." */
export function all(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no'
  return answers.includes('unknown') ? 'unknown' : 'yes'
}

/**
 * "Without `untagged: true` a rule is about tags only, with it only about artifacts that have none"; orphans are "a
 * family of their own".
 */
export function inFamily(unit: OracleUnit, { select = {} }: WrittenRule): Answer {
  let family: OracleUnit['family'] = 'tags'
  if (select.untagged === true) family = 'untagged'
  if (select.orphans === true) family = 'orphans'
  return unit.family === family ? selected(unit, select) : 'no'
}

/** "All given keys must hold." */
export function selected(unit: OracleUnit, select: WrittenSelect): Answer {
  const { repository, artifact } = unit
  const answers: Answer[] = []
  if (select.projects !== undefined) answers.push(say(listMatches(select.projects, [repository.project])))
  if (select.repositories !== undefined) {
    answers.push(say(listMatches(select.repositories, [repository.name])))
  }
  if (select.tags !== undefined) {
    answers.push(say(unit.tag !== null && listMatches(select.tags, [unit.tag.name])))
  }
  if (select.labels !== undefined) {
    answers.push(artifact.labels === null ? 'unknown' : say(listMatches(select.labels, artifact.labels)))
  }
  if (select.types !== undefined) answers.push(say(listMatches(select.types, [artifact.type])))
  if (select.platforms !== undefined) {
    answers.push(artifact.platforms === null ? 'unknown' : onPlatforms(select.platforms, artifact.platforms))
  }
  const version = versionOf(unit.tag?.name ?? null)
  if (select.semver !== undefined) {
    answers.push(say(version !== undefined && inRange(version, select.semver)))
  }
  // Only a version is a prerelease or isn't one.
  if (select.prerelease !== undefined) {
    answers.push(say(version !== undefined && isPrerelease(version) === select.prerelease))
  }
  if (select.signed !== undefined) answers.push(isSigned(unit, select.signed))
  if (select.size !== undefined) answers.push(say(withinSize(artifact.size, select.size)))
  return all(answers)
}

const VARIANTS = ['v5', 'v6', 'v7', 'v8']

/** Whether platforms match; of those whose variant isn't known (`linux/arm/?`), whichever variants they have. */
function onPlatforms(patterns: readonly string[], platforms: readonly string[]): Answer {
  const open = platforms.findIndex((platform) => platform.endsWith('?'))
  if (open === -1) return say(listMatches(patterns, platforms, platformMatches))
  const answers = VARIANTS.map((variant) =>
    onPlatforms(patterns, platforms.with(open, platforms[open]?.replace('?', variant) ?? '')),
  )
  return answers.every((answer) => answer === answers[0]) ? (answers[0] ?? 'unknown') : 'unknown'
}

/** An artifact is signed when a signature belongs to it, or a `.sig` tag of cosign's says so. */
function isSigned({ repository, artifact }: OracleUnit, wanted: boolean): Answer {
  const byTag = repository.artifacts.some(({ tags }) =>
    tags.some(({ name }) => name.endsWith('.sig') && subjectOf(name) === artifact.digest),
  )
  if (byTag) return say(wanted)
  if (artifact.accessories === null) return 'unknown'
  const types: readonly (string | null)[] = artifact.accessories.map(({ type }) => type)
  if (types.some((type) => type?.startsWith('signature.') === true)) return say(wanted)
  return types.includes(null) ? 'unknown' : say(!wanted)
}

/** "`always` is the word for no condition." "All given must hold." */
export function due(unit: OracleUnit, when: WrittenWhen, now: Instant): Answer {
  return when === 'always' ? 'yes' : all(conditionAnswers(unit, when, now))
}

/** What each of the given conditions says. */
export function conditionAnswers(unit: OracleUnit, conditions: WrittenConditions, now: Instant): Answer[] {
  const within = (moment: Instant, duration: string): boolean => now - moment < milliseconds(duration)
  const answers: Answer[] = []
  const pushed = pushedAt(unit)
  if (conditions['pushed-within'] !== undefined) {
    answers.push(say(within(pushed, conditions['pushed-within'])))
  }
  if (conditions['not-pushed-for'] !== undefined) {
    answers.push(say(!within(pushed, conditions['not-pushed-for'])))
  }
  // "Never pulled counts from the push": for both, so that one is the other's opposite.
  if (conditions['pulled-within'] !== undefined) {
    answers.push(say(within(usedAt(unit), conditions['pulled-within'])))
  }
  if (conditions['not-pulled-for'] !== undefined) {
    answers.push(say(!within(usedAt(unit), conditions['not-pulled-for'])))
  }
  const built = builtAt(unit)
  if (conditions['created-within'] !== undefined) {
    answers.push(built === undefined ? 'unknown' : say(within(built, conditions['created-within'])))
  }
  if (conditions['not-created-for'] !== undefined) {
    answers.push(built === undefined ? 'unknown' : say(!within(built, conditions['not-created-for'])))
  }
  return answers
}

function say(holds: boolean): Answer {
  return holds ? 'yes' : 'no'
}
