import { copyName } from './copies.ts'
import type { Action, Copy } from './types.ts'

/**
 * The copies that an edit adds and removes, collected repository by repository. Not those that a removal waits for:
 * they are part of what becomes of the unit that goes.
 */
export class CopyChanges {
  readonly added: Copy[] = []
  readonly removed: Copy[] = []

  /** Holds a repository's copies after an edit against those before. */
  add(after: readonly Action[], before: readonly Action[]): void {
    const [now, then] = [copiesAmong(after), copiesAmong(before)]
    if (now.length + then.length === 0) return
    for (const copy of beyond(forThemselves(now, after), then)) this.added.push(copy)
    for (const copy of beyond(forThemselves(then, before), now)) this.removed.push(copy)
  }
}

function copiesAmong(actions: readonly Action[]): readonly Copy[] {
  return actions.filter((action) => action.kind === 'copy')
}

function forThemselves(copies: readonly Copy[], actions: readonly Action[]): readonly Copy[] {
  const awaited = new Set(actions.map((action) => (action.kind === 'copy' ? undefined : action.after)))
  return copies.filter((copy) => !awaited.has(copyName(copy)))
}

/** Copies that put an image where others don't, or give it a tag there that others don't. */
function beyond(copies: readonly Copy[], others: readonly Copy[]): readonly Copy[] {
  const known = new Set(others.flatMap((copy) => placesOf(copy)))
  return copies.filter((copy) => placesOf(copy).some((place) => !known.has(place)))
}

function placesOf({ target, digest, tags }: Copy): readonly string[] {
  const image = `${target}@${digest}`
  return [image, ...tags.map((tag) => `${image} ${tag}`)]
}
