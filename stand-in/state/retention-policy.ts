// Harbor's own tag retention: a policy of a project, as its API takes and gives it.
import type { Selector } from './model.ts'

export type RetentionTemplate =
  | 'latestPushedK'
  | 'latestPulledN'
  | 'latestActiveK'
  | 'lastXDays'
  | 'nDaysSinceLastPush'
  | 'nDaysSinceLastPull'
  | 'always'

export interface RetentionRule {
  readonly disabled?: boolean
  readonly action: 'retain'
  readonly template: RetentionTemplate
  readonly params: Readonly<Partial<Record<string, number>>>
  readonly scope_selectors: { readonly repository: readonly Selector[] }
  readonly tag_selectors: readonly Selector[]
}

export interface RetentionPolicy {
  readonly id: number
  readonly algorithm: string
  readonly rules: readonly RetentionRule[]
  readonly scope: { readonly level: 'project'; readonly ref: number }
  readonly trigger: Readonly<Record<string, unknown>>
}

/** What Harbor puts on a new proxy cache. */
export function proxyDefault(id: number, projectId: number): RetentionPolicy {
  return {
    id,
    algorithm: 'or',
    rules: [
      {
        action: 'retain',
        template: 'nDaysSinceLastPull',
        params: { nDaysSinceLastPull: 7 },
        scope_selectors: { repository: [everything('repoMatches')] },
        tag_selectors: [everything('matches')],
      },
    ],
    scope: { level: 'project', ref: projectId },
    trigger: { kind: 'Schedule', settings: { cron: '0 0 0 * * *' } },
  }
}

function everything(decoration: string): Selector {
  return { kind: 'doublestar', decoration, pattern: '**' }
}
