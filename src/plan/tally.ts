import type { Policy, Protection, Rule } from '../policy/types.ts'
import type { EntryTotals } from './types.ts'

/** Units that an entry of the policy selected, exempted from its actions, and acted on. */
export interface Tally {
  selected: number
  kept: number
  acted: number
}

/** Counts what each entry of a policy does, over all repositories. */
export class Tallies {
  readonly #tallies: ReadonlyMap<Rule | Protection, Tally>

  constructor({ rules, protect }: Policy) {
    this.#tallies = new Map(
      [...rules, ...protect].map((entry) => [entry, { selected: 0, kept: 0, acted: 0 }]),
    )
  }

  /** The counts of an entry of the policy, to add to. */
  of(entry: Rule | Protection): Tally {
    const tally = this.#tallies.get(entry)
    if (tally === undefined) {
      throw new Error(`\`${entry.name}\` is not an entry of the policy that is counted`)
    }
    return tally
  }

  /** What some entries of the policy did. */
  totalsOf(entries: readonly (Rule | Protection)[]): readonly EntryTotals[] {
    return entries.map((entry) => ({ name: entry.name, line: entry.line, ...this.of(entry) }))
  }
}
