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
  { harbor, changes }: Clients,
  names: Iterable<string>,
  { remove, warn }: { readonly remove: boolean; readonly warn: (text: string) => void },
): Promise<readonly Emptied[]> {
  const emptied: Emptied[] = []
  for (const name of names) {
    try {
      if (!(await isEmpty(harbor, name))) continue
      const removes = remove && (await hasNoTags(harbor, name))
      const refusal = removes ? await refusalOf({ harbor, changes }, name) : undefined
      emptied.push({ name, removed: removes && refusal === undefined })
      if (refusal !== undefined) warn(`${name} is empty, and could not be removed: ${refusal}`)
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      warn(`${name}: whether it is empty could not be found out: ${error.message}`)
    }
  }
  return emptied
}

interface Clients {
  readonly harbor: Harbor
  readonly changes: HarborChanges
}

/** Why a repository could not be removed; undefined when it is gone, by this or by an earlier run. */
async function refusalOf({ harbor, changes }: Clients, name: string): Promise<string | undefined> {
  try {
    await changes.deleteRepository(name)
    return undefined
  } catch (error) {
    if (!(error instanceof HarborError)) throw error
    return (await isGone(harbor, name)) ? undefined : error.message
  }
}

async function isGone(harbor: Harbor, name: string): Promise<boolean> {
  try {
    await harbor.repository(name)
    return false
  } catch (error) {
    if (!(error instanceof HarborError)) throw error
    return error instanceof NotFound
  }
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
