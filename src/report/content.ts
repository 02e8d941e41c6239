import type { Assembled } from '../plan/assemble.ts'
import type { Plan } from '../plan/types.ts'
import { parseInstant } from '../shared/instant.ts'
import { editSection, type Edit, type EditSection } from './edit.ts'
import type { Notice, Table } from './table.ts'
import {
  copiesTable,
  keptTable,
  protectionsTable,
  removalsTable,
  repositoriesTable,
  rulesTable,
} from './tables.ts'
import { freed, mirrored, stays, verdict } from './words.ts'

/** What a report says, before it is Markdown or text. */
export interface Content {
  readonly title: string
  /** What an edit of the policy changes: it is told before the rest. */
  readonly edit?: EditSection
  readonly verdict: string
  /** What follows from it, a sentence each. */
  readonly facts: readonly string[]
  /** What the problems come to. */
  readonly problemsTitle: string
  readonly problems: readonly string[]
  /** What deserves a look. */
  readonly notices: readonly Notice[]
  readonly overview: readonly Table[]
  /** Long lists, each behind a fold. */
  readonly lists: readonly Table[]
  /** Where all rows of the lists stand, if that is anywhere: `in the plan file`. */
  readonly elsewhere?: string
  /** What was read and by what, as names and values. */
  readonly footer: readonly (readonly [string, string])[]
}

/** What a report points out beside the plan. */
export interface Asides {
  readonly proxyCaches?: readonly string[]
  /** Keys of the policy that nothing comes of. */
  readonly unused?: readonly string[]
  /** Whether there is a mirror to copy to; without one, copies are pointed out. */
  readonly mirrored?: boolean
  /** What a pull request does to the policy, where the plan is made for one. */
  readonly edit?: Edit
}

/** What a report says of a plan. */
export function contentOf({ plan, repositories }: Assembled, asides: Asides = {}): Content {
  const now = parseInstant(plan.now) ?? 0
  const isFilled = ({ count }: Table): boolean => count > 0
  return {
    title: `Harbor clean-up plan for ${new URL(plan.harbor.url).host}`,
    ...(asides.edit === undefined ? {} : { edit: editSection(asides.edit, plan, now) }),
    verdict: verdict(plan),
    facts: [freed(plan), ...mirrored(plan), stays(plan)].filter((fact) => fact !== ''),
    problemsTitle: 'This plan cannot be applied.',
    problems: plan.problems.map(({ message }) => message),
    notices: noticesOf(plan, asides).filter(({ names }) => names.length > 0),
    overview: [rulesTable(plan), protectionsTable(plan), repositoriesTable(plan)].filter(isFilled),
    lists: [removalsTable(plan), copiesTable(plan), keptTable(repositories, now)].filter(isFilled),
    elsewhere: 'in the plan and decisions files',
    footer: [
      ['plan', plan.id],
      ['policy', plan.policy.path],
      ['Harbor', `${plan.harbor.url} ${plan.harbor.version}`],
      ['decided for', plan.now],
      ['by', plan.tool],
    ],
  }
}

function noticesOf({ rules, protections, actions, targets }: Plan, asides: Asides): readonly Notice[] {
  const { proxyCaches = [], unused = [], mirrored: isMirrored = true } = asides
  const copying = isMirrored ? [] : actions.filter(({ kind }) => kind === 'copy').map(({ rule }) => rule)
  const dead = (entries: Plan['rules']): readonly string[] =>
    entries.filter(({ selected }) => selected === 0).map(({ name, line }) => `${name} (line ${line})`)
  return [
    { words: 'Rules that match nothing; is a pattern misspelt, or out of scope?', names: dead(rules) },
    {
      words: 'Protections that match nothing; is a pattern misspelt, or out of scope?',
      names: dead(protections),
    },
    { words: 'Copied to nowhere: `mirror-registry` is not given. By:', names: [...new Set(copying)] },
    {
      words: 'The mirror could not be read, so what is there already is not known; an apply looks again:',
      names: [...new Set(targets.map(({ why }) => why))].filter((why) => why !== ''),
    },
    { words: 'In the policy, and not used by this version yet:', names: unused },
    { words: 'Proxy caches, left alone:', names: proxyCaches },
  ]
}
