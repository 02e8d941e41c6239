import { itemOf } from '../bin/records.ts'
import type { Hanging } from '../inventory/hanging.ts'
import type { Copy } from '../plan/types.ts'
import { formatInstant } from '../shared/instant.ts'
import type { Removed, Tools } from './remove.ts'

/**
 * Copies an image to the mirror, and writes down whether it is there, verified: a delete may wait for it.
 *
 * @param hanging how its accessories hang on it
 * @param onCopied called when nothing is left but to write it down
 * @throws Error of Node's when the journal can't be written
 */
export async function copy(
  action: Copy,
  hanging: readonly Hanging[],
  { copyImage, journal, clock }: Tools,
  onCopied: () => void,
): Promise<Removed> {
  const copied: Removed =
    copyImage === undefined
      ? { outcome: 'skipped', why: 'there is no mirror to copy to: `mirror-registry` is not given' }
      : await copyImage(action, hanging)
  onCopied()
  const { outcome, why } = copied
  const at = formatInstant(clock())
  const { target, accessories } = action
  const along = outcome === 'done' && accessories.length > 0 ? { accessories: [...accessories] } : {}
  await journal.add({ record: 'outcome', at, item: itemOf(action), outcome, why, target, ...along })
  return copied
}
