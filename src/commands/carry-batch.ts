import { carryOut, type CarriedOut, type Carrying } from '../apply/carry-out.ts'
import type { DueCheck } from '../apply/due.ts'
import type { Standing } from '../apply/types.ts'
import type { Action, Copy } from '../plan/types.ts'
import type { Instant } from '../shared/instant.ts'
import type { Afresh } from './afresh.ts'

/** How a batch is carried out. */
export interface Batch extends Pick<Carrying, 'tools' | 'width' | 'onDone'> {
  /** Reads and decides the repositories of its actions. */
  readonly decide: () => Promise<Afresh>
  readonly dueBy: (afresh: Afresh) => DueCheck
  /** Told of the copies that come next. */
  readonly prepare: (copies: readonly Copy[]) => Promise<void>
}

/** How long what was decided holds for deletes, in milliseconds. */
const FRESH = 60_000

/**
 * Carries out a batch: its copies, and then what is deleted. To send images takes a while, and so does a mirror that
 * takes none: after that all is read and decided once more, before anything goes.
 */
export async function carryBatch(
  actions: readonly Action[],
  { decide, dueBy, prepare, ...carrying }: Batch,
): Promise<CarriedOut> {
  const copies = actions.filter((action) => action.kind === 'copy')
  const { clock } = carrying.tools
  const decideNow = async (): Promise<{ readonly afresh: Afresh; readonly at: Instant }> => ({
    afresh: await decide(),
    at: clock(),
  })
  const [{ afresh, at }] = await Promise.all([decideNow(), prepare(copies)])
  const due = dueBy(afresh)
  const standingOf = (action: Action): Standing => due.standingOf(action)
  if (copies.length === 0) return carryOut(actions, afresh.inventory, { ...carrying, standingOf })
  const copied = await carryOut(copies, afresh.inventory, { ...carrying, standingOf })
  if (copies.length === actions.length) return copied
  const isSent = copied.results.some(({ sent }) => sent !== undefined && sent.bytes > 0)
  const isStale = isSent || clock() - at > FRESH
  const again = isStale ? await decide() : afresh
  const dueAgain = isStale ? dueBy(again) : due
  return carryOut(actions, again.inventory, {
    ...carrying,
    standingOf: (action) => dueAgain.standingOf(action),
    known: copied.results,
    broken: copied.broken,
  })
}
