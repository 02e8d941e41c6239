import { carryOut, type CarriedOut, type Carrying } from '../apply/carry-out.ts'
import type { DueCheck } from '../apply/due.ts'
import type { Standing } from '../apply/types.ts'
import type { Action, Copy } from '../plan/types.ts'
import type { Afresh } from './afresh.ts'

/** How a batch is carried out. */
export interface Batch extends Pick<Carrying, 'tools' | 'width' | 'onDone'> {
  /** Reads and decides the repositories of its actions. */
  readonly decide: () => Promise<Afresh>
  readonly dueBy: (afresh: Afresh) => DueCheck
  /** Told of the copies that come next. */
  readonly prepare: (copies: readonly Copy[]) => Promise<void>
}

/**
 * Carries out a batch: its copies, and then what is deleted. To send images takes a while: after that all is read and
 * decided once more, before anything goes.
 */
export async function carryBatch(
  actions: readonly Action[],
  { decide, dueBy, prepare, ...carrying }: Batch,
): Promise<CarriedOut> {
  const copies = actions.filter((action) => action.kind === 'copy')
  const [afresh] = await Promise.all([decide(), prepare(copies)])
  const due = dueBy(afresh)
  const standingOf = (action: Action): Standing => due.standingOf(action)
  if (copies.length === 0) return carryOut(actions, afresh.inventory, { ...carrying, standingOf })
  const copied = await carryOut(copies, afresh.inventory, { ...carrying, standingOf })
  if (copies.length === actions.length) return copied
  const isStale = copied.results.some(({ sent }) => sent !== undefined && sent.bytes > 0)
  const again = isStale ? await decide() : afresh
  const dueAgain = isStale ? dueBy(again) : due
  return carryOut(actions, again.inventory, {
    ...carrying,
    standingOf: (action) => dueAgain.standingOf(action),
    known: copied.results,
    broken: copied.broken,
  })
}
