import type { BinItem } from '../bin/bin.ts'
import type { Duration } from '../shared/duration.ts'
import type { Instant } from '../shared/instant.ts'

/** What a garbage collection is asked for. */
export interface Asked {
  /** Whether Harbor also deletes every artifact without a tag. */
  readonly deleteUntagged: boolean
  /** How long it is waited for. */
  readonly wait: Duration
  /** How long what was deleted stays restorable; undefined where nothing is kept for it. */
  readonly keep: Duration | undefined
  /** The folder that is the recycle bin. */
  readonly bin: string
  /** Whether Harbor only counts; nothing leaves the bin then. */
  readonly dryRun: boolean
  /** Requests under way at once. */
  readonly concurrency: number
  /** Bytes that the plan said this frees, to the byte; undefined where no plan did. */
  readonly expectedBytes: number | undefined
}

/** What a garbage collection came to. */
export interface Collected {
  readonly dryRun: boolean
  readonly keep: Duration | undefined
  readonly expectedBytes: number | undefined
  /** Its id in Harbor; undefined while none was started. */
  readonly run: number | undefined
  /** What Harbor says that it freed; undefined when it didn't end well. */
  readonly freed: Freed | undefined
  /** What stays restorable, the newest first: of each `keep` counts from its `at`. */
  readonly restorable: readonly BinItem[]
  /** Inside `keep`, and some of their blobs had gone before. */
  readonly gone: readonly BinItem[]
  /** What this garbage collection ends for, the newest first; with `keep` they leave the bin. */
  readonly leaving: readonly BinItem[]
  /** Whether those that leave were dropped from the bin. */
  readonly dropped: boolean
  /** What deserves a look; each was told when it was found. */
  readonly warnings: readonly Warning[]
  readonly failure: Failure | undefined
}

/** Fields that Harbor left out are null: before 2.9 it counts nothing but bytes. */
export interface Freed {
  readonly bytes: number | null
  readonly blobs: number | null
  readonly manifests: number | null
}

/** Words of ours about names of somebody else's. */
export interface Warning {
  readonly words: string
  readonly names: readonly string[]
}

export interface Failure {
  readonly reason: 'gc-running' | 'gc-failed' | 'gc-timeout' | 'unauthorized' | 'harbor-read-only' | 'journal'
  /** What happened, and what to do. */
  readonly message: string
}

/** Who is told how it goes. */
export interface Teller {
  say(text: string): void
  warn(text: string): void
  progress(text: string): void
}

/** The time, and how it passes. */
export interface Time {
  now(): Instant
  /** Waits for so many milliseconds. */
  pause(length: Duration): Promise<void>
}
