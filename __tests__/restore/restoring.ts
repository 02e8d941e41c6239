// The parts of a restore put together as the command does, with hardly a pause between tries.
import { readBin } from '../../src/bin/bin.ts'
import { HarborChanges } from '../../src/harbor/changes.ts'
import { check } from '../../src/restore/check.ts'
import { choose } from '../../src/restore/choose.ts'
import { libraryOf } from '../../src/restore/load.ts'
import { Look } from '../../src/restore/look.ts'
import { foreseen } from '../../src/restore/outcome.ts'
import { putBack } from '../../src/restore/put-back.ts'
import type { Outcome, Result } from '../../src/restore/types.ts'
import { clientOf, FAST } from '../helpers/connect.ts'

export interface RestoreOptions {
  readonly only?: readonly string[]
  readonly overwriteTags?: boolean
  readonly dryRun?: boolean
  /** Called between the check and the first change. */
  readonly meanwhile?: () => void
}

export interface Told {
  readonly results: readonly Result[]
  /** `repository@digest: outcome`, and each note's code with its names. */
  readonly lines: readonly string[]
  readonly outcomes: readonly Outcome[]
}

export async function restoreFrom(
  folder: string,
  url: string,
  { only = [], overwriteTags = false, dryRun = false, meanwhile }: RestoreOptions = {},
): Promise<Told> {
  const { harbor, http, close } = clientOf(url, { retry: FAST })
  try {
    const { items } = await readBin(folder)
    const chosen = choose(items, only, new URL(url).host)
    if (chosen.problems.length > 0) throw new Error(chosen.problems.join('\n'))
    const look = new Look(harbor, 4)
    const checked = await check(chosen.items, {
      look,
      library: libraryOf(items),
      byName: chosen.byName,
      overwriteTags,
      archive: undefined,
      copiedTo: () => [],
      width: 4,
      onChecked: () => undefined,
    })
    if (dryRun) {
      return told(
        checked.map(({ item, decision }) => ({
          item,
          outcome: foreseen(decision),
          notes: decision.notes,
          fetched: [],
        })),
      )
    }
    meanwhile?.()
    const results = await putBack(checked, {
      harbor,
      changes: new HarborChanges(http),
      look,
      overwriteTags,
      archive: undefined,
      width: 4,
      retry: FAST,
      onRetry: () => undefined,
      onResult: async () => undefined,
    })
    return told(results)
  } finally {
    await close()
  }
}

function told(results: readonly Result[]): Told {
  return {
    results,
    outcomes: results.map(({ outcome }) => outcome),
    lines: results.map(({ item, outcome, notes }) =>
      [
        `${item.repository}: ${outcome}`,
        ...notes.map(({ code, names }) => `${code} ${names.join(' ')}`),
      ].join('; '),
    ),
  }
}
