import type { ChangeKind, Effect } from '../plan/effect.ts'
import type { Plan, PlanTotals } from '../plan/types.ts'
import { formatBytes } from '../shared/bytes.ts'
import type { Instant } from '../shared/instant.ts'
import { changesTable, copiesChangeTable, MARK_OF, type Telling } from './edit-tables.ts'
import type { Mark, Notice, Table } from './table.ts'
import { counted, grouped } from './words.ts'

/** What a pull request does to the policy. */
export type Edit =
  /** It changes the policy, adds one where there was none, or removes it. */
  | { readonly kind: 'changed' | 'added' | 'removed'; readonly effect: Effect }
  /** It changes the policy, but what that changes can't be told. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'untouched' }

/** What a report says of an edit. */
export interface EditSection {
  readonly title: string
  /** What it comes to, kind by kind. */
  readonly parts: readonly EditPart[]
  /** What follows from it, a sentence each. */
  readonly facts: readonly string[]
  readonly notices: readonly Notice[]
  readonly tables: readonly Table[]
}

export interface EditPart {
  readonly mark: Mark
  readonly words: string
}

/**
 * What there is to say of an edit.
 *
 * @param plan by the edited policy; undefined where there is none any more
 * @param now the moment that is decided for
 */
export function editSection(edit: Edit, plan: Plan | undefined, now: Instant): EditSection {
  if (edit.kind === 'unknown') return bare('What this edit changes is not known', edit.why)
  if (edit.kind === 'untouched') {
    return bare(
      'The policy stays as it is',
      'This pull request does not touch it, so merging it changes nothing about what goes.',
    )
  }
  const { effect, kind } = edit
  const { groups, copies, dead } = effect
  const telling: Telling = {
    now,
    hadPolicy: kind !== 'added',
    hasPolicy: kind !== 'removed',
  }
  const tables = [
    ...groups.map((group) => changesTable(group, telling)),
    copiesChangeTable('Copied from now on', 'copied', copies.added),
    copiesChangeTable('No longer copied', 'otherwise', copies.removed),
  ]
  const parts = partsOf(effect)
  return {
    title: isEmpty(effect) && kind === 'changed' ? 'This edit changes nothing today' : TITLES[kind],
    parts,
    facts: factsOf(edit.kind, effect, plan).filter((fact) => fact !== ''),
    notices: [
      {
        words: 'Since this edit these match nothing; is a pattern misspelt, or out of scope?',
        names: dead.map(({ name, line }) => `${name} (line ${line})`),
      },
    ].filter(({ names }) => names.length > 0),
    tables: tables.filter(({ count }) => count > 0),
  }
}

const TITLES = {
  changed: 'What this edit changes',
  added: 'What this policy does',
  removed: 'What removing the policy changes',
} as const

function isEmpty({ groups, copies }: Effect): boolean {
  return groups.length + copies.added.length + copies.removed.length === 0
}

function bare(title: string, fact: string): EditSection {
  return { title, parts: [], facts: [fact], notices: [], tables: [] }
}

const SAID: Readonly<Record<ChangeKind, (count: string) => string>> = {
  deleted: (count) => `+${count} newly deleted`,
  uncopied: (count) => `${count} now deleted without a copy`,
  archived: (count) => `${count} now copied first`,
  rescued: (count) => `\u2212${count} rescued`,
  'other-rule': (count) => `${count} for another reason`,
}

function partsOf({ groups, copies }: Effect): readonly EditPart[] {
  const kinds = [...new Set(groups.map(({ kind }) => kind))]
  const changes = kinds.map((kind): EditPart => {
    const ofKind = groups.filter((group) => group.kind === kind)
    const units = ofKind.reduce((sum, group) => sum + group.units, 0)
    // Whole artifacts, of which each tag went before.
    const count = units || ofKind.reduce((sum, group) => sum + group.changes.length, 0)
    const bytes = ofKind.reduce((sum, group) => sum + group.bytes, 0)
    return {
      mark: MARK_OF[kind],
      words: `${SAID[kind](grouped(count))}${bytes === 0 ? '' : ` (${formatBytes(bytes)})`}`,
    }
  })
  const [added, removed] = [copies.added.length, copies.removed.length]
  return [
    ...changes,
    ...(added > 0 ? [{ mark: 'copied', words: `+${grouped(added)} copied` } as const] : []),
    ...(removed > 0 ? [{ mark: 'otherwise', words: `\u2212${grouped(removed)} copied` } as const] : []),
  ]
}

function factsOf(
  kind: 'changed' | 'added' | 'removed',
  effect: Effect,
  plan: Plan | undefined,
): readonly string[] {
  const { before, staying } = effect
  const opening = {
    changed: isEmpty(effect) ? 'By the policy before it the same would go and stay.' : '',
    added: 'There was no policy before: everything is new.',
    removed: 'Without a policy nothing is deleted or copied.',
  }[kind]
  return [
    opening,
    plan === undefined || before === undefined ? '' : freedWords(plan.totals, before.totals),
    plan === undefined || before === undefined ? '' : applyableWords(plan, before.problems.length > 0),
    staying === 0
      ? ''
      : `${counted(staying, 'tag or untagged artifact', 'tags and untagged artifacts')} ${staying === 1 ? 'stays' : 'stay'} for another reason.`,
    (plan?.complete ?? true) && (before?.complete ?? true)
      ? ''
      : 'Not everything was read: this edit may change more.',
  ]
}

/** What garbage collection frees, held against what it would have freed before. */
function freedWords(after: PlanTotals, before: PlanTotals): string {
  const [now, then] = [after.reclaimableBytes, before.reclaimableBytes]
  if (now === null || then === null || after.sizes !== before.sizes || now === then) return ''
  const most = after.sizes === 'exact' ? '' : 'at most '
  return `Garbage collection then frees ${most}${formatBytes(now)}; before this edit ${most}${formatBytes(then)}.`
}

function applyableWords({ problems }: Plan, hadProblems: boolean): string {
  if (problems.length > 0 && !hadProblems) return 'Before this edit the plan could be applied, now it cannot.'
  return problems.length === 0 && hadProblems
    ? 'Before this edit the plan could not be applied, now it can.'
    : ''
}
