import type { Action } from '../plan/types.ts'

/** So many actions are carried out in a few minutes at most: what they were decided by isn't older than that. */
const MOST = 1000

/**
 * Actions in batches, in the order of their repositories' first. All actions of a repository are in one: what depends
 * on what is within a repository.
 *
 * @param most actions at most, unless one repository has more
 */
export function inBatches(actions: readonly Action[], most = MOST): readonly (readonly Action[])[] {
  const byRepository = new Map<string, Action[]>()
  for (const action of actions) {
    const others = byRepository.get(action.repository)
    if (others === undefined) byRepository.set(action.repository, [action])
    else others.push(action)
  }
  const batches: Action[][] = []
  let last: Action[] | undefined
  for (const those of byRepository.values()) {
    if (last === undefined || last.length + those.length > most) batches.push((last = []))
    for (const action of those) last.push(action)
  }
  return batches
}
