import type { Digest } from '../inventory/types.ts'
import { compareText } from '../shared/order.ts'
import type { Assembled, Circumstances } from './assemble.ts'
import { Changes } from './changes.ts'
import { CopyChanges } from './copy-changes.ts'
import type { DecidedRepository } from './decided.ts'
import type { Effect } from './effect.ts'
import { FormerPlan, type Before } from './former.ts'
import type { PlannedRepository } from './plan-repository.ts'
import type { EntryTotals } from './types.ts'

/** What an edit changes, and what it takes to tell what that frees. */
export interface Compared {
  readonly effect: Effect
  /** Every manifest that went before, by repository. */
  readonly going: ReadonlyMap<string, ReadonlySet<Digest>>
}

/**
 * Decides a registry by the policy before an edit, and holds every decision against the one after it. Repository by
 * repository: of a plan that is there only to be compared with, no more is held than what changes.
 *
 * @param after the plan by the edited policy; undefined where the edit removes the policy
 * @param before undefined where there was no policy
 */
export function comparePlans(
  after: Assembled | undefined,
  before: Before | undefined,
  circumstances: Circumstances,
): Compared {
  const former = before && new FormerPlan(before, circumstances)
  const changes = new Changes({
    after: byName(after?.plan.rules ?? []),
    before: byName(before?.policy.rules ?? []),
  })
  const copies = new CopyChanges()
  for (const [now, then] of repositoriesOf(after, before, former)) {
    changes.add(now, then)
    copies.add(now?.actions ?? [], then?.decided.actions ?? [])
  }
  const effect: Effect = {
    groups: changes.inOrder(),
    copies: { added: copies.added, removed: copies.removed },
    staying: changes.staying,
    dead: after === undefined ? [] : newlyDead(after.plan, former?.entries()),
    before: former?.summary(),
  }
  return { effect, going: former?.going ?? new Map<string, ReadonlySet<Digest>>() }
}

/** Each repository as the one policy decided it and as the other does, by name; undefined where it isn't in scope. */
function* repositoriesOf(
  after: Assembled | undefined,
  before: Before | undefined,
  former: FormerPlan | undefined,
): Generator<readonly [DecidedRepository | undefined, PlannedRepository | undefined]> {
  const decided = byName(after?.repositories ?? [])
  const read = byName(before?.inventory.repositories ?? [])
  for (const name of [...new Set([...decided.keys(), ...read.keys()])].toSorted(compareText)) {
    const repository = read.get(name)
    yield [decided.get(name), repository && former?.plan(repository)]
  }
}

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item]))
}

type Entries = Readonly<Record<'rules' | 'protections', readonly EntryTotals[]>>

/** Rules and protections that match nothing; not those that did before either. */
function newlyDead(after: Entries, before: Entries | undefined): readonly EntryTotals[] {
  const deadOf = (entries: readonly EntryTotals[]): readonly EntryTotals[] =>
    entries.filter(({ selected }) => selected === 0)
  return (['rules', 'protections'] as const).flatMap((kind) => {
    const known = byName(deadOf(before?.[kind] ?? []))
    return deadOf(after[kind]).filter(({ name }) => !known.has(name))
  })
}
