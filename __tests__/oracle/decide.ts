import type { Inventory } from '../../src/inventory/types.ts'
import type { Instant } from '../../src/shared/instant.ts'
import { milliseconds } from './measures.ts'
import { amongNewest, newestImages } from './newest.ts'
import { all, conditionAnswers, due, inFamily, selected } from './select.ts'
import { pushedAt, unitsOf, type OracleUnit } from './units.ts'
import type { WrittenPolicy, WrittenProtection, WrittenRule } from './written.ts'

export type OracleDecision = 'protected' | 'kept' | 'archive' | 'delete'

/** A unit with all that can be said for its decision. */
export interface DecidedUnit extends OracleUnit {
  readonly decision: OracleDecision
  /** Everything built in that protects it. */
  readonly builtIn: readonly string[]
  /** The first entry of the policy that decides so; null: something built in, or no rule. */
  readonly entry: string | null
  /** "`copy` is decided beside it": the rules that copy it, in the file's order. */
  readonly copiedBy: readonly string[]
}

/** Decides every unit of an inventory. */
export function decideAll(policy: WrittenPolicy, inventory: Inventory, now: Instant): DecidedUnit[] {
  const caches = new Set(
    inventory.projects.filter(({ proxyCache }) => proxyCache).map((project) => project.name),
  )
  return inventory.repositories.flatMap((repository) => {
    const units = unitsOf(repository)
    return units.map((unit) => decide(unit, { policy, units, now, cached: caches.has(repository.project) }))
  })
}

interface Setting {
  readonly policy: WrittenPolicy
  /** All units of the repository. */
  readonly units: readonly OracleUnit[]
  readonly now: Instant
  readonly cached: boolean
}

/** "For each, the first of these that holds." */
function decide(unit: OracleUnit, setting: Setting): DecidedUnit {
  const { policy, units, now } = setting
  const copiedBy = policy.rules.filter((rule) => acts(unit, rule, 'copy', now)).map((rule) => rule.name)
  const decided = (
    decision: OracleDecision,
    entry: { readonly name: string } | undefined,
    builtIn: readonly string[] = [],
  ): DecidedUnit => ({ ...unit, decision, entry: entry?.name ?? null, builtIn, copiedBy })

  // "1. *protected*: built in or a `protect` entry"
  const builtIn = builtInProtections(unit, setting)
  const protection = (policy.protect ?? []).find((entry) => protects(entry, unit, now))
  if (builtIn.length > 0 || protection !== undefined) return decided('protected', protection, builtIn)

  // "2. *kept* by some rule's `keep`"
  const keeper = policy.rules.find((rule) => keeps(rule, unit, units, now))
  if (keeper !== undefined) return decided('kept', keeper)

  // "3. *archive*"
  const archiver = policy.rules.find((rule) => acts(unit, rule, 'archive', now))
  if (archiver !== undefined) return decided('archive', archiver)

  // "4. *delete* by some rule (the first in the file is named as the reason)"
  const deleter = policy.rules.find((rule) => acts(unit, rule, 'delete', now))
  if (deleter !== undefined) return decided('delete', deleter)

  // "5. *kept: no rule*"
  return decided('kept', undefined)
}

/**
 * "Built in: Harbor's immutable tags; anything pushed within `limits.grace`; the newest `keep-per-repository` tagged
 * images of a repository, by push; projects that are proxy caches."
 */
function builtInProtections(unit: OracleUnit, { policy, units, now, cached }: Setting): string[] {
  const grace = policy.limits?.grace ?? '24h'
  const keepPerRepository = policy.limits?.['keep-per-repository'] ?? 1
  const protections: string[] = []
  if (unit.tag?.immutable === true) protections.push('immutable')
  // "What isn't known decides for keeping."
  if (unit.tag !== null && unit.tag.immutable === null) protections.push('immutable-unknown')
  if (now - pushedAt(unit) < milliseconds(grace)) protections.push('grace')
  const tagged = units.filter(({ family }) => family === 'tags')
  if (unit.family === 'tags' && newestImages(tagged, keepPerRepository).has(unit.artifact.digest)) {
    protections.push('keep-per-repository')
  }
  if (cached) protections.push('proxy-cache')
  return protections
}

/** A `protect` entry is about everything; what it may be about, it is about: "what isn't known decides for keeping". */
function protects(entry: WrittenProtection, unit: OracleUnit, now: Instant): boolean {
  if (entry.untagged === true && unit.family !== 'untagged') return false
  if (entry.orphans === true && unit.family !== 'orphans') return false
  return all([selected(unit, entry), ...conditionAnswers(unit, entry, now)]) !== 'no'
}

/** "`keep` exempts members of the family; `newest` and each condition exempt on their own." */
function keeps(rule: WrittenRule, unit: OracleUnit, units: readonly OracleUnit[], now: Instant): boolean {
  if (rule.keep === undefined || inFamily(unit, rule) === 'no') return false
  return (
    amongNewest(unit, rule, units) || conditionAnswers(unit, rule.keep, now).some((answer) => answer !== 'no')
  )
}

/** Whether a rule's action is due for a unit: it surely belongs to the family, and all conditions surely hold. */
function acts(
  unit: OracleUnit,
  rule: WrittenRule,
  action: 'archive' | 'delete' | 'copy',
  now: Instant,
): boolean {
  const when = rule[action]
  return when !== undefined && all([inFamily(unit, rule), due(unit, when, now)]) === 'yes'
}
