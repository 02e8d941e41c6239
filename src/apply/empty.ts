import type { HarborChanges } from '../harbor/changes.ts'
import { HarborError, NotFound } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'

export interface Emptied {
  readonly name: string
  readonly removed: boolean
}

/**
 * Which repositories have nothing left in them, neither in Harbor's lists nor among the registry's tags; removes them
 * if that is wanted. What can't be found out or removed is told, and stays.
 */
export async function emptiedRepositories(
  { harbor, changes }: { readonly harbor: Harbor; readonly changes: HarborChanges },
  names: Iterable<string>,
  { remove, warn }: { readonly remove: boolean; readonly warn: (text: string) => void },
): Promise<readonly Emptied[]> {
  const emptied: Emptied[] = []
  for (const name of names) {
    try {
      if (!(await isEmpty(harbor, name))) continue
      const removed = remove && (await hasNoTags(harbor, name))
      if (removed) await changes.deleteRepository(name)
      emptied.push({ name, removed })
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      warn(
        `${name}: whether it is empty could not be found out, or it could not be removed: ${error.message}`,
      )
    }
  }
  return emptied
}

/** In Harbor's list, children without their index included. */
async function isEmpty(harbor: Harbor, name: string): Promise<boolean> {
  const details = { labels: false, accessories: false, immutability: false }
  const { items } = await harbor.artifacts({ repository: name }, details)
  return items.length === 0
}

/** Signatures without their subject are in no list; the registry names their tags, and 404 where it has none. */
async function hasNoTags(harbor: Harbor, name: string): Promise<boolean> {
  try {
    return (await harbor.allTags(name)).length === 0
  } catch (error) {
    if (error instanceof NotFound) return true
    throw error
  }
}
