import type { Assembled } from '../plan/assemble.ts'
import type { DecidedRepository } from '../plan/decided.ts'
import { reasonOf } from '../plan/reason.ts'
import type { Action, Copy, EntryTotals, Plan } from '../plan/types.ts'
import { decisionOf, entryOf, goes } from '../plan/verdict.ts'
import { formatBytes } from '../shared/bytes.ts'
import { formatMinute, type Instant } from '../shared/instant.ts'
import { code, text, type Cell, type Table } from './table.ts'
import { counted, freed, shortDigest, stays, verdict } from './words.ts'

/** What a report says, before it is Markdown or text. */
export interface Content {
  readonly title: string
  readonly verdict: string
  /** What follows from it, a sentence each. */
  readonly facts: readonly string[]
  /** Why the plan can't be applied. */
  readonly problems: readonly string[]
  /** What deserves a look. */
  readonly notices: readonly string[]
  readonly overview: readonly Table[]
  /** Long lists, each behind a fold. */
  readonly lists: readonly Table[]
  readonly footer: string
}

/** Where things are, for the footer. */
export interface Places {
  readonly planFile: string
  readonly decisionsFile: string | undefined
}

export function contentOf({ plan, repositories }: Assembled, now: Instant, places: Places): Content {
  return {
    title: `Harbor clean-up plan for ${new URL(plan.harbor.url).host}`,
    verdict: verdict(plan),
    facts: [freed(plan), stays(plan)].filter((fact) => fact !== ''),
    problems: plan.problems.map(({ message }) => message),
    notices: noticesOf(plan),
    overview: [rulesTable(plan), protectionsTable(plan), repositoriesTable(plan)].filter(
      ({ count }) => count > 0,
    ),
    lists: [removalsTable(plan), copiesTable(plan), keptTable(repositories, now)].filter(
      ({ count }) => count > 0,
    ),
    footer: footerOf(plan, places),
  }
}
