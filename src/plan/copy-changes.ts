import type { Action, Copy } from './types.ts'

/** The copies that an edit adds and removes, collected repository by repository. */
export class CopyChanges {
  readonly added: Copy[] = []
  readonly removed: Copy[] = []

  /** Holds a repository's copies after an edit against those before. */
  add(after: readonly Action[], before: readonly Action[]): void {
    const [now, then] = [after, before].map((actions) => actions.filter((action) => action.kind === 'copy'))
    if (now === undefined || then === undefined || now.length + then.length === 0) return
    this.added.push(...beyond(now, then))
    this.removed.push(...beyond(then, now))
  }
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
