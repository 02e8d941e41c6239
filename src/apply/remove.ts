import { setTimeout } from 'node:timers/promises'
import type { Journal } from '../bin/journal.ts'
import { itemOf, type JournalRecord } from '../bin/records.ts'
import type { HarborChanges } from '../harbor/changes.ts'
import { HarborError, NotFound, PreconditionFailed, Unreachable } from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import { DEFAULT_RETRY, isTransient, pauseBefore, type RetryPolicy } from '../harbor/retry.ts'
import type { Artifact, Digest } from '../inventory/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import { driftOfArtifact, driftOfTag } from './drift.ts'
import { observe, type Observed } from './observe.ts'
import { salvage } from './save.ts'
import type { Outcome, Removal, Standing } from './types.ts'

/** What carrying out takes. */
export interface Tools {
  readonly harbor: Harbor
  readonly changes: HarborChanges
  readonly journal: Journal
  readonly clock: () => Instant
  /** Keeps blobs from the next garbage collections; does nothing where the policy keeps no trash. */
  readonly keepBlobs: (repository: string, blobs: readonly Digest[]) => Promise<void>
  readonly retry?: RetryPolicy
}

export interface Removed {
  readonly outcome: Outcome
  readonly why: string
}

type Due = Extract<Standing, { state: 'due' }>

/**
 * Deletes one thing of a plan, if it is still as it was decided: looks, saves, writes down, deletes. After whatever
 * isn't a clear answer it looks again, and goes on from what it sees.
 *
 * @throws Error of Node's when the journal can't be written: then nothing was deleted that isn't in it
 */
export async function remove(removal: Removal, due: Due, tools: Tools): Promise<Removed> {
  const removed = await attempt(removal, due, tools)
  const { outcome, why } = removed
  await tools.journal.add({ record: 'outcome', at: now(tools), item: itemOf(removal), outcome, why })
  return removed
}

async function attempt(removal: Removal, { before, sentBefore }: Due, tools: Tools): Promise<Removed> {
  const { retry = DEFAULT_RETRY } = tools
  // Whether a delete of ours may have been made without our having been told.
  let maybeDone = sentBefore
  let saved = false
  for (let tries = 1; ; tries += 1) {
    try {
      const seen = await look(removal, tools.harbor)
      if (seen === undefined) return maybeDone ? DONE : skipped('it is gone already')
      if (before === undefined) return skipped('it is there again, and was not decided on')
      const drift = driftOf(removal, seen, before)
      if (drift !== '') return skipped(`drifted: ${drift}`)
      if (!saved) await save(removal, seen, tools)
      saved = true
      await send(removal, tools.changes)
      return DONE
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      if (error instanceof PreconditionFailed) return skipped(`Harbor refuses: ${error.message}`)
      if (saved && mayHaveActed(error)) maybeDone = true
      if (!isWorthAnotherTry(error) || tries >= retry.attempts) return failed(error.message)
      await setTimeout(
        pauseBefore(retry, tries, {
          retryAfter: error.retryAfter,
          chance: Math.random(),
          now: tools.clock(),
        }),
      )
    }
  }
}

const DONE: Removed = { outcome: 'done', why: '' }

function skipped(why: string): Removed {
  return { outcome: 'skipped', why }
}

function failed(why: string): Removed {
  return { outcome: 'failed', why }
}

/** Undefined when there is nothing left to delete. */
async function look(removal: Removal, harbor: Harbor): Promise<Observed | undefined> {
  const { kind, repository, digest } = removal
  if (kind === 'delete-artifact') return observe(harbor, repository, digest, removal.children)
  const seen = await observe(harbor, repository, digest)
  return seen?.artifact.tags.some(({ name }) => name === removal.tag) === true ? seen : undefined
}

function driftOf(removal: Removal, seen: Observed, before: Artifact): string {
  return removal.kind === 'delete-artifact'
    ? driftOfArtifact(removal, seen, before)
    : driftOfTag(removal, seen, before)
}

/** Everything that the delete takes is on the disk before it is sent. */
async function save(removal: Removal, seen: Observed, tools: Tools): Promise<void> {
  const item = itemOf(removal)
  const { kind, repository, digest } = removal
  const at = tools.clock()
  const records: JournalRecord[] = []
  if (kind === 'delete-artifact') {
    const { record, blobs } = await salvage(tools.harbor, seen, { item, repository, at })
    await tools.keepBlobs(repository, blobs)
    records.push(record)
  } else {
    const tags = [removal.tag]
    records.push({ record: 'saved', at: formatInstant(at), item, repository, digest, tags, manifests: [] })
  }
  await tools.journal.add(...records, { record: 'sent', at: now(tools), item })
}

async function send(removal: Removal, changes: HarborChanges): Promise<void> {
  const { kind, repository, digest } = removal
  if (kind === 'delete-artifact') await changes.deleteArtifact(repository, digest)
  else await changes.deleteTag(repository, digest, removal.tag)
}

/** Harbor answers a delete with 404 also when something else is missing, and rolls it back: only a look tells. */
function isWorthAnotherTry(error: HarborError): boolean {
  return (
    error instanceof NotFound ||
    error instanceof Unreachable ||
    error.status === 0 ||
    isTransient(error.status)
  )
}

/** 429 is an answer of what stands before Harbor; with 404 Harbor says that it did nothing. */
function mayHaveActed(error: HarborError): boolean {
  return (
    error instanceof Unreachable ||
    error.status === 0 ||
    error.status === 408 ||
    error.status >= 500 ||
    error.status < 300
  )
}

function now(tools: Tools): string {
  return formatInstant(tools.clock())
}
