import { setTimeout } from 'node:timers/promises'
import { GitHubError } from './errors.ts'
import type { GitHub } from './github.ts'
import type { Comment } from './schemas.ts'

/** A comment that a pull request has once, and that changes through its life. */
export interface Sticky {
  /** Whether a comment's text has the marker of this one; who wrote it is looked at, too. */
  readonly isIt: (text: string) => boolean
  /**
   * What it is to say.
   *
   * @param now what it says; undefined when there is none
   * @returns undefined to leave it as it is
   */
  readonly text: (now: string | undefined) => string | undefined
}

/** What became of it. */
export type Put =
  | {
      readonly kind: 'created' | 'updated' | 'unchanged'
      readonly id: number
      /** Where it is. */
      readonly url: string
      /** What else there is to say of it: that there were several. */
      readonly notes: readonly string[]
    }
  | { readonly kind: 'left' }
  /** What went wrong, where, and what to do. Nothing else depends on a comment. */
  | { readonly kind: 'failed'; readonly why: string; readonly error: GitHubError }

/** Between an answer that isn't clear and a look at what is there: GitHub may still be at it. */
const LOOK_AGAIN_MS = 2000
const MOST_TURNS = 5

/**
 * Sees to it that a pull request has one comment with a marker, by us, and that it says what it is to say. Comments of
 * others are never touched, whatever is in them: who we are is what GitHub says of the token.
 *
 * @param pause before a look at what became of something unclear, in milliseconds
 */
export async function putComment(
  github: GitHub,
  number: number,
  sticky: Sticky,
  pause = LOOK_AGAIN_MS,
): Promise<Put> {
  try {
    const me = await github.whoami()
    return await settle(new Conversation(github, number, me), sticky, pause)
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error
    return { kind: 'failed', why: error.message, error }
  }
}

/** Looks, acts, and looks again until what is there is right: others may be at it at the same time. */
async function settle(conversation: Conversation, sticky: Sticky, pause: number): Promise<Put> {
  for (let turn = 1; ; turn += 1) {
    const [first, ...others] = await conversation.ours(sticky)
    try {
      if (first === undefined) {
        const text = sticky.text(undefined)
        if (text === undefined) return { kind: 'left' }
        await conversation.add(text)
        // Was there another run that made one since the look?
        continue
      }
      return await conversation.settle(first, others, sticky)
    } catch (error) {
      if (turn === MOST_TURNS || !(error instanceof GitHubError)) throw error
      const made = first === undefined && error.isUnclear && error.mayPass
      const gone = first !== undefined && error.trouble === 'absent'
      if (!made && !gone) throw error
      await setTimeout(pause)
    }
  }
}

/** What a pull request's conversation has of ours. */
class Conversation {
  readonly #github: GitHub
  readonly #number: number
  readonly #me: string
  /** What was made here: lists may have it a little later only, and it isn't to be made twice. */
  #made: Comment | undefined

  constructor(github: GitHub, number: number, me: string) {
    this.#github = github
    this.#number = number
    this.#me = me
  }

  /** The oldest first. */
  async ours({ isIt }: Sticky): Promise<readonly Comment[]> {
    const all = await this.#github.comments(this.#number)
    const ours = all.filter(({ author, text }) => author === this.#me && isIt(text))
    const made = this.#made
    return made === undefined || ours.some(({ id }) => id === made.id) ? ours : [...ours, made]
  }

  async add(text: string): Promise<void> {
    this.#made = await this.#github.addComment(this.#number, text)
  }

  /** Has the oldest of ours say it, and removes the others. */
  async settle(first: Comment, others: readonly Comment[], { text }: Sticky): Promise<Put> {
    const { id, url } = first
    if (this.#made?.id === id) return { kind: 'created', id, url, notes: await this.#remove(others) }
    const wanted = text(first.text)
    if (wanted === undefined) {
      // Another run's is newer. Ours was made at the same time, and has nothing to say any more.
      await this.#remove(others.filter((other) => other.id === this.#made?.id))
      return { kind: 'left' }
    }
    const kind = first.text === wanted ? 'unchanged' : 'updated'
    if (kind === 'updated') await this.#github.editComment(id, wanted)
    return { kind, id, url, notes: await this.#remove(others) }
  }

  async #remove(others: readonly Comment[]): Promise<readonly string[]> {
    const notes: string[] = []
    for (const { id, url } of others) {
      const twice = `two runs have commented at the same time, and the younger comment, ${url},`
      try {
        await this.#github.removeComment(id)
        notes.push(`${twice} is removed`)
      } catch (error) {
        if (!(error instanceof GitHubError)) throw error
        notes.push(`${twice} cannot be removed: ${error.message}`)
      }
    }
    return notes
  }
}
