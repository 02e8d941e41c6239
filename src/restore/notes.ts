// What there is to say about something that doesn't come back, or not as it was.
import type { Digest } from '../inventory/types.ts'
import { messageOf } from '../shared/failure.ts'

export interface Note {
  readonly code: NoteCode
  /** With what to do. */
  readonly words: string
  /** Which: digests and tags. */
  readonly names: readonly string[]
}

export type NoteCode = keyof typeof WEIGHTS

/** `lost`: it can't come back; `failed`: it may the next time; `said`: nothing is wrong with that. */
export type Weight = 'lost' | 'failed' | 'said'

const WEIGHTS = {
  'blobs-gone': 'lost',
  'child-gone': 'lost',
  'artifact-gone': 'lost',
  'subject-lost': 'lost',
  'not-saved': 'lost',
  damaged: 'lost',
  'unknown-form': 'lost',
  'bin-unreadable': 'lost',
  'project-gone': 'lost',
  'proxy-cache': 'lost',
  'tag-taken': 'lost',
  refused: 'lost',
  'request-failed': 'failed',
  'not-whole': 'failed',
  'tag-later': 'said',
  'label-gone': 'said',
  'not-deleted': 'said',
  'gone-again': 'said',
} as const satisfies Readonly<Record<string, Weight>>

export function weightOf({ code }: Pick<Note, 'code'>): Weight {
  return WEIGHTS[code]
}

export function isTrouble(each: Note): boolean {
  return weightOf(each) !== 'said'
}

function note(code: NoteCode, words: string, names: readonly string[] = []): Note {
  return { code, words, names }
}

// `hint` is what there is to say of mirrors: from one of them it might come back.

/** @param part what of an item it is about: nothing for the image itself */
export function blobsGone(part: string, blobs: readonly Digest[], hint: string): Note {
  return note('blobs-gone', `blobs${part} are gone: garbage collection has taken them${hint}`, blobs)
}

export function childGone(child: Digest, hint: string): Note {
  return note('child-gone', `a manifest that its index holds is neither in Harbor nor in the bin${hint}`, [
    child,
  ])
}

export function artifactGone(digest: Digest, hint: string): Note {
  const words = `only its tag was deleted; what the tag stood on is gone since${hint}`
  return note('artifact-gone', words, [digest])
}

export function subjectLost(digest: Digest): Note {
  return note('subject-lost', 'an accessory stays away with what it hangs on', [digest])
}

export function notSaved(digest: Digest): Note {
  return note('not-saved', 'its manifest is not in the bin', [digest])
}

export function damaged(digest: Digest, hint = ''): Note {
  const words = `its saved manifest is damaged: the bytes are not those of its digest${hint}`
  return note('damaged', words, [digest])
}

export function unknownForm(digest: Digest): Note {
  return note('unknown-form', 'its manifest is of a form that does not tell its blobs', [digest])
}

export function binUnreadable(file: string, error: unknown): Note {
  return note('bin-unreadable', `its manifests could not be read from the bin: ${messageOf(error)}`, [file])
}

export function projectGone(project: string): Note {
  return note('project-gone', 'its project is gone; create it again under this name, then restore', [project])
}

export function proxyCache(project: string): Note {
  return note('proxy-cache', 'its project is a proxy cache, which nothing can be pushed to; pull it', [
    project,
  ])
}

export function tagTaken(tag: string, on: Digest): Note {
  const words = 'a tag stands on another image by now, and was not touched; `overwrite-tags` takes it back'
  return note('tag-taken', words, [tag, on])
}

export function tagLater(tag: string, on: Digest): Note {
  return note('tag-later', 'a tag goes to the image that had it last', [tag, on])
}

/** Harbor said no, and will again. */
export function refused(error: unknown, names: readonly string[]): Note {
  return note('refused', messageOf(error), names)
}

export function requestFailed(error: unknown, names: readonly string[] = []): Note {
  return note('request-failed', messageOf(error), names)
}

export function notWhole(what: string, names: readonly string[]): Note {
  return note('not-whole', `after it was put back, ${what}; restore again, or look at it in Harbor`, names)
}

export function labelGone(label: string): Note {
  return note('label-gone', 'a label of it is not there any more', [label])
}

export function notDeleted(): Note {
  const words = 'no apply deleted it, and it is not there as it was; name it in `only` to have it put back'
  return note('not-deleted', words)
}

export function goneAgain(): Note {
  const words = 'it was put back before, and has changed since; name it in `only` to have it put back again'
  return note('gone-again', words)
}
