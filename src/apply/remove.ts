import { setTimeout } from 'node:timers/promises'
import type { Journal } from '../bin/journal.ts'
import { itemOf } from '../bin/records.ts'
import type { HarborChanges } from '../harbor/changes.ts'
import {
  HarborError,
  mayHaveActed,
  NotFound,
  PreconditionFailed,
  Unauthorized,
  Unreachable,
} from '../harbor/errors.ts'
import type { Harbor } from '../harbor/harbor.ts'
import { DEFAULT_RETRY, isTransient, pauseBefore, type RetryPolicy } from '../harbor/retry.ts'
import type { Hanging } from '../inventory/hanging.ts'
import type { Artifact, Digest } from '../inventory/types.ts'
import type { Copy } from '../plan/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import { driftOfArtifact, driftOfTag } from './drift.ts'
import { observe, type Looked, type Observed } from './observe.ts'
import { salvage, savedRecord, type Salvage } from './save.ts'
import type { Outcome, Removal, Sending, Standing } from './types.ts'

/** What carrying out takes. */
export interface Tools {
  readonly harbor: Harbor
  readonly changes: HarborChanges
  readonly journal: Journal
  readonly clock: () => Instant
  /** Keeps blobs from the next garbage collections; does nothing where the policy keeps no trash. */
  readonly keepBlobs: (repository: string, blobs: readonly Digest[]) => Promise<void>
  /** Copies an image to the mirror and verifies it there; undefined where there is no mirror. */
  readonly copyImage?: ((copy: Copy, hanging: readonly Hanging[]) => Promise<Removed>) | undefined
  readonly retry?: RetryPolicy
}

export interface Removed {
  readonly outcome: Outcome
  readonly why: string
  /** Whether it failed since Harbor, or the mirror, can't even be looked at. */
  readonly unreachable?: boolean
  /** Of a copy. */
  readonly sent?: Sending
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

async function attempt(removal: Removal, due: Due, tools: Tools): Promise<Removed> {
  const { before, sentBefore } = due
  const { retry = DEFAULT_RETRY } = tools
  // Whether a delete of ours may have been made without our having been told.
  let maybeDone = sentBefore
  let sent = false
  let salvaged: Salvage | undefined
  for (let tries = 1; ; tries += 1) {
    try {
      // Manifests never change: read first, they don't stand between the look and the delete.
      const rescued = salvaged ?? (await rescue(removal, tools))
      const seen = await look(removal, tools.harbor)
      if (seen === undefined) return maybeDone ? DONE : skipped('it is gone already')
      if (before === undefined) return skipped('it is there again, and was not decided on')
      const drift = driftOf(removal, seen, { before, staying: due.staying })
      if (drift !== '') return skipped(`drifted: ${drift}`)
      if (rescued instanceof HarborError) return failed(`${rescued.message}; ${LOST}`)
      salvaged = rescued
      if (!sent) await writeDown(removal, seen, rescued, tools)
      sent = true
      await send(removal, tools.changes)
      return DONE
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      if (error instanceof PreconditionFailed) return skipped(`Harbor refuses: ${error.message}`)
      if (sent && mayHaveActed(error)) maybeDone = true
      if (!isWorthAnotherTry(error) || tries >= retry.attempts) {
        return {
          ...failed(error.message),
          unreachable: error instanceof Unreachable && error.method !== 'DELETE',
        }
      }
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

const LOST = 'Harbor lists it, and could not put it back without this; it was not deleted'

const DONE: Removed = { outcome: 'done', why: '' }

function skipped(why: string): Removed {
  return { outcome: 'skipped', why }
}

function failed(why: string): Removed {
  return { outcome: 'failed', why }
}

/** What goes with a removal: of a tag that is deleted alone, nothing. */
function lookedAt(removal: Removal): Looked {
  const { digest } = removal
  if (removal.kind === 'delete-tag') return { digest, children: [], accessories: [] }
  return { digest, children: removal.children, accessories: removal.accessories }
}

/** Undefined when there is nothing left to delete. */
async function look(removal: Removal, harbor: Harbor): Promise<Observed | undefined> {
  const seen = await observe(harbor, removal.repository, lookedAt(removal))
  if (removal.kind === 'delete-artifact') return seen
  return seen?.artifact.tags.some(({ name }) => name === removal.tag) === true ? seen : undefined
}

function driftOf(
  removal: Removal,
  seen: Observed,
  { before, staying }: { readonly before: Artifact; readonly staying: readonly string[] },
): string {
  return removal.kind === 'delete-artifact'
    ? driftOfArtifact(removal, seen, before)
    : driftOfTag(removal, seen, { before, staying })
}

/** Why a manifest can't be had: then a look tells whether the artifact is there at all. */
async function rescue(removal: Removal, tools: Tools): Promise<Salvage | HarborError> {
  if (removal.kind === 'delete-tag') return { manifests: new Map(), blobs: [] }
  try {
    const salvaged = await salvage(tools.harbor, removal.repository, lookedAt(removal))
    await tools.keepBlobs(removal.repository, salvaged.blobs)
    return salvaged
  } catch (error) {
    // The registry answers 401 for a project that is gone.
    if (error instanceof NotFound || error instanceof Unauthorized) return error
    throw error
  }
}

/** Everything that the delete takes is on the disk before it is sent. */
async function writeDown(removal: Removal, seen: Observed, salvaged: Salvage, tools: Tools): Promise<void> {
  const item = itemOf(removal)
  const { repository } = removal
  const record = savedRecord(seen, salvaged, { item, repository, at: tools.clock() })
  const tags = removal.kind === 'delete-tag' ? [removal.tag] : record.tags
  await tools.journal.add({ ...record, tags }, { record: 'sent', at: now(tools), item })
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

function now(tools: Tools): string {
  return formatInstant(tools.clock())
}
