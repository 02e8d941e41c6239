import type { Condition, Protection, Rule, TimeCondition } from '../policy/types.ts'
import { formatDuration } from '../shared/duration.ts'
import type { Instant } from '../shared/instant.ts'
import { sinceOf } from './conditions.ts'
import type { Unit } from './unit.ts'
import type { Hold, Verdict } from './verdict.ts'

/** Why a unit was decided as it was, in words, each value with its bound. */
export function reasonOf(unit: Unit, now: Instant): string {
  const { verdict } = unit
  switch (verdict.code) {
    case 'immutable': {
      return 'an immutable rule of its project matches the tag'
    }
    case 'immutable-unknown': {
      return 'whether the tag is immutable could not be read'
    }
    case 'grace': {
      return `pushed ${ago(unit.pushed, now)} (grace ${formatDuration(verdict.grace)})`
    }
    case 'keep-per-repository': {
      return `image ${verdict.rank} of the newest ${verdict.of} of its repository`
    }
    case 'protect': {
      return protectionWords(verdict.by, unit, now)
    }
    case 'keep-newest': {
      return keptAsNewest(verdict)
    }
    case 'keep-condition': {
      return conditionWords(verdict.condition, unit, now)
    }
    case 'archive':
    case 'delete': {
      return dueWords(verdict, unit, now)
    }
    case 'not-due': {
      return `not due: ${conditionWords(verdict.condition, unit, now)}`
    }
    case 'no-rule': {
      return 'no rule says otherwise'
    }
    case 'held':
    case 'held-index':
    case 'held-part': {
      return HOLDS[verdict.code]
    }
  }
}

/** Why an artifact stays although all of it was to go. */
export const HOLDS: Readonly<Record<Hold, string>> = {
  held: 'what belongs to it has a tag of its own, or could not be read',
  'held-index': 'an index hangs on it, and Harbor would delete what that index holds, too',
  'held-part': 'an index that hangs on another artifact holds it',
}

/** Why a unit is copied by a rule: because it archives the unit, or copies it. */
export function copyReason(rule: Rule, unit: Unit, now: Instant): string {
  if (unit.verdict.code === 'archive' && unit.verdict.by === rule) return reasonOf(unit, now)
  return conditionsWords(rule.copy ?? [], unit, now) || 'always'
}

const ASKED: Readonly<Record<string, string>> = {
  family: 'kind',
  projects: 'project',
  repositories: 'repository',
  tags: 'tag',
  labels: 'label',
  types: 'type',
  platforms: 'platform',
  semver: 'version',
  prerelease: 'version',
  signed: 'signature',
  size: 'size',
}

function protectionWords({ select, conditions }: Protection, unit: Unit, now: Instant): string {
  const asked = [...new Set(Object.keys(select).map((key) => ASKED[key] ?? ''))].filter((word) => word !== '')
  const selected = asked.length === 0 ? [] : [`selected by ${asked.join(' and ')}`]
  const due = conditionsWords(conditions, unit, now)
  return [...selected, ...(due === '' ? [] : [due])].join('; ')
}

function keptAsNewest({ by, rank, group }: Extract<Verdict, { code: 'keep-newest' }>): string {
  const of = group === '' ? '' : ` in group ${group === '=' ? '""' : group.slice(1)}`
  if (rank === 0) return `may be among ${newestWords(by)}${of}: not everything about it is known`
  return `image ${rank} of ${newestWords(by)}${of}`
}

function dueWords(
  verdict: Extract<Verdict, { code: 'archive' | 'delete' }>,
  unit: Unit,
  now: Instant,
): string {
  const { by: rule, code } = verdict
  const keep = rule.keep?.newest === undefined ? [] : [`not among ${newestWords(rule)}`]
  const due = conditionsWords(rule[code] ?? [], unit, now)
  return [...keep, ...(due === '' ? [] : [due])].join('; ') || 'always'
}

function newestWords({ keep }: Rule): string {
  const per =
    keep?.per === undefined ? '' : ` per ${typeof keep.per === 'string' ? keep.per : `/${keep.per.source}/`}`
  return `the newest ${keep?.newest ?? 0}${per} by ${keep?.by ?? 'pushed'}`
}

function conditionsWords(conditions: readonly Condition[], unit: Unit, now: Instant): string {
  return conditions.map((condition) => conditionWords(condition, unit, now)).join('; ')
}

function conditionWords(condition: Condition, unit: Unit, now: Instant): string {
  if (condition.kind === 'severity-at-least') {
    return `severity not read (severity-at-least ${condition.written})`
  }
  return `${timeWords(condition.kind, unit, now)} (${condition.kind} ${condition.written})`
}

function timeWords(kind: TimeCondition, unit: Unit, now: Instant): string {
  const since = sinceOf(kind, unit)
  if (since === null) return 'build time unknown'
  switch (kind) {
    case 'pushed-within':
    case 'not-pushed-for': {
      return `pushed ${ago(since, now)}`
    }
    case 'pulled-within':
    case 'not-pulled-for': {
      if (unit.pulled === null) return `never pulled, pushed ${ago(since, now)}`
      return unit.pulled < unit.pushed
        ? `not pulled since its push ${ago(since, now)}`
        : `pulled ${ago(since, now)}`
    }
    case 'created-within':
    case 'not-created-for': {
      return `built ${ago(since, now)}`
    }
  }
}

function ago(since: Instant, now: Instant): string {
  return since > now ? `${formatDuration(since - now)} later` : `${formatDuration(now - since)} ago`
}
