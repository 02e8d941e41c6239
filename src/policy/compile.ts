import type { WrittenConditions, WrittenPolicy, WrittenRule, WrittenSelect } from './schema.ts'
import {
  TIME_CONDITIONS,
  type Condition,
  type Family,
  type GcPolicy,
  type Keep,
  type Limits,
  type Mirror,
  type Policy,
  type Rule,
  type Select,
} from './types.ts'

const DAY = 86_400_000

/** The limits of a policy that sets none. */
export const DEFAULT_LIMITS: Limits = {
  maxDeletes: 1000,
  maxDeletePercent: 50,
  keepPerRepository: 1,
  grace: DAY,
  maxPlanAge: 7 * DAY,
  removeEmptyRepositories: false,
}

const DEFAULT_STALL = 300_000

/** How garbage is collected by a policy that doesn't say. */
export const DEFAULT_GC: GcPolicy = { run: false, deleteUntagged: false, wait: 1_800_000 }

/** Lines of the policy file: of a rule, of a protection. */
export interface Lines {
  rule(index: number): number
  protection(index: number): number
}

/** Turns a written policy that passed every check into the one that decides. */
export function compilePolicy(written: WrittenPolicy, lines: Lines): Policy {
  return {
    scope: given(written.scope ?? {}, ['projects', 'repositories']),
    protect: (written.protect ?? []).map((protection, index) => ({
      name: protection.name,
      line: lines.protection(index),
      select: selectOf(protection, undefined),
      conditions: conditionsOf(protection),
    })),
    rules: written.rules.map((rule, index) => ruleOf(rule, lines.rule(index))),
    mirror: mirrorOf(written.mirror),
    limits: limitsOf(written.limits),
    gc: {
      run: written.gc?.run ?? DEFAULT_GC.run,
      deleteUntagged: written.gc?.['delete-untagged'] ?? DEFAULT_GC.deleteUntagged,
      wait: written.gc?.wait?.duration ?? DEFAULT_GC.wait,
    },
    trash: written.trash?.keep === undefined ? undefined : { keep: written.trash.keep.duration },
    unused: unusedOf(written),
  }
}

function unusedOf(written: WrittenPolicy): readonly string[] {
  const { rules, protect = [] } = written
  const bearers = [...protect, ...rules.flatMap((rule) => [rule.keep, rule.delete, rule.archive, rule.copy])]
  const isSevere = bearers.some((bearer) => typeof bearer === 'object' && 'severity-at-least' in bearer)
  const keys = (['tests'] as const).filter((key) => written[key] !== undefined)
  return isSevere ? [...keys, 'severity-at-least'] : keys
}

function ruleOf(rule: WrittenRule, line: number): Rule {
  const actions: { -readonly [Action in 'delete' | 'archive' | 'copy']?: readonly Condition[] } = {}
  for (const action of ['delete', 'archive', 'copy'] as const) {
    const conditions = rule[action]
    if (conditions !== undefined) actions[action] = conditions === 'always' ? [] : conditionsOf(conditions)
  }
  return {
    name: rule.name,
    line,
    select: selectOf(rule.select, 'tags'),
    ...(rule.keep === undefined ? {} : { keep: keepOf(rule.keep) }),
    ...actions,
  }
}

function selectOf(written: WrittenSelect, otherwise: Family | undefined): Select {
  const family = written.untagged === true ? 'untagged' : written.orphans === true ? 'orphans' : otherwise
  return {
    ...(family === undefined ? {} : { family }),
    ...given(written, [
      'projects',
      'repositories',
      'tags',
      'labels',
      'types',
      'platforms',
      'semver',
      'prerelease',
      'signed',
      'size',
    ]),
  }
}

function keepOf(written: NonNullable<WrittenRule['keep']>): Keep {
  return {
    by: written.by ?? 'pushed',
    ...given(written, ['newest', 'per']),
    conditions: conditionsOf(written),
  }
}

function conditionsOf(written: WrittenConditions): readonly Condition[] {
  const conditions: Condition[] = []
  for (const kind of TIME_CONDITIONS) {
    const condition = written[kind]
    if (condition !== undefined) conditions.push({ kind, ...condition })
  }
  const severity = written['severity-at-least']
  if (severity !== undefined) conditions.push({ kind: 'severity-at-least', severity, written: severity })
  return conditions
}

function mirrorOf(written: WrittenPolicy['mirror']): Mirror {
  return {
    repository: written?.repository ?? '{project}/{repository}',
    replace: written?.replace ?? [],
    overwrite: written?.overwrite ?? 'never',
    verify: written?.verify ?? 'digest',
    stallTimeout: written?.['stall-timeout']?.duration ?? DEFAULT_STALL,
  }
}

function limitsOf(written: WrittenPolicy['limits'] = {}): Limits {
  return {
    maxDeletes: written['max-deletes'] ?? DEFAULT_LIMITS.maxDeletes,
    maxDeletePercent: written['max-delete-percent'] ?? DEFAULT_LIMITS.maxDeletePercent,
    keepPerRepository: written['keep-per-repository'] ?? DEFAULT_LIMITS.keepPerRepository,
    grace: written.grace?.duration ?? DEFAULT_LIMITS.grace,
    maxPlanAge: written['max-plan-age']?.duration ?? DEFAULT_LIMITS.maxPlanAge,
    removeEmptyRepositories: written['remove-empty-repositories'] ?? DEFAULT_LIMITS.removeEmptyRepositories,
  }
}

/** The named fields that are there, so that a field which wasn't written isn't one that is undefined. */
function given<T extends object, K extends keyof T>(
  from: T,
  keys: readonly K[],
): { [P in K]?: NonNullable<T[P]> } {
  const fields: { [P in K]?: NonNullable<T[P]> } = {}
  for (const key of keys) {
    const value = from[key]
    if (value !== undefined && value !== null) fields[key] = value
  }
  return fields
}
