import { setTimeout } from 'node:timers/promises'
import { readBin, type Bin } from '../bin/bin.ts'
import { dropSaved } from '../bin/drop.ts'
import type { HarborChanges } from '../harbor/changes.ts'
import { HarborError } from '../harbor/errors.ts'
import type { Account, Harbor } from '../harbor/harbor.ts'
import type { GcRunAnswer } from '../harbor/schemas.ts'
import type { Duration } from '../shared/duration.ts'
import { messageOf } from '../shared/failure.ts'
import { neededBlobs } from './blobs.ts'
import { failureOf, READ_ONLY, Stopped } from './failure.ts'
import { Keeper } from './keeper.ts'
import { lastSweep, refuseWhileRunning, windowOf } from './runs.ts'
import { sortBin, wasLost, type Sorted } from './sort.ts'
import { startRun } from './start.ts'
import type { Asked, Collected, Teller, Time, Warning } from './types.ts'
import { waitFor } from './wait.ts'
import { goneWarning, inOneLine, warningsOf } from './warnings.ts'

/** The Harbor whose garbage is collected. */
export interface On {
  readonly harbor: Harbor
  readonly changes: HarborChanges
  readonly account: Pick<Account, 'readOnly'>
}

export const REAL_TIME: Time = {
  now: Date.now,
  pause: async (length) => {
    await setTimeout(length)
  },
}

type Course = { -readonly [Field in keyof Collected]: Collected[Field] }

/**
 * Has Harbor collect its garbage, and waits. What the bin keeps survives it, and what is older leaves the bin
 * afterwards; a bin that was read before isn't to be used any more then.
 *
 * @returns what it came to, also where it failed
 */
export async function collect(
  on: On,
  asked: Asked,
  teller: Teller,
  time: Time = REAL_TIME,
): Promise<Collected> {
  const { dryRun, keep, expectedBytes } = asked
  const course: Course = {
    dryRun,
    keep,
    expectedBytes,
    run: undefined,
    freed: undefined,
    restorable: [],
    gone: [],
    leaving: [],
    dropped: false,
    warnings: [],
    failure: undefined,
  }
  try {
    await new Collecting(on, asked, { teller, time, course }).run()
  } catch (error) {
    course.failure = failureOf(error, course.run)
  }
  return course
}

/** One garbage collection, from what is found before it to what is dropped after it. */
class Collecting {
  readonly #on: On
  readonly #asked: Asked
  readonly #teller: Teller
  readonly #time: Time
  readonly #course: Course

  constructor(
    on: On,
    asked: Asked,
    { teller, time, course }: { readonly teller: Teller; readonly time: Time; readonly course: Course },
  ) {
    this.#on = on
    this.#asked = asked
    this.#teller = teller
    this.#time = time
    this.#course = course
  }

  async run(): Promise<void> {
    const { harbor, account } = this.#on
    if (account.readOnly) throw new Stopped('harbor-read-only', READ_ONLY)
    const runs = await this.#readyRuns()
    const window = windowOf(runs)
    const sorted = await this.#sort(runs, window)
    const keeper = await this.#keeperOf(sorted, window)
    // Asking for a large bin's blobs takes a while.
    const before = await this.#readyRuns()
    const id = await startRun(this.#asked, { ...this.#on, time: this.#time, before })
    this.#course.run = id
    const { wait } = this.#asked
    this.#course.freed = await waitFor(id, {
      harbor,
      teller: this.#teller,
      time: this.#time,
      wait,
      meanwhile: () => this.#keepOn(keeper, window),
    })
    if (!this.#asked.dryRun && this.#asked.keep !== undefined) await this.#drop(sorted)
  }

  async #readyRuns(): Promise<readonly GcRunAnswer[]> {
    const runs = await this.#on.harbor.gcRuns()
    refuseWhileRunning(runs)
    return runs
  }

  /** Sorts the bin, and says what there is to say about it. */
  async #sort(runs: readonly GcRunAnswer[], window: Duration): Promise<Sorted> {
    const { harbor } = this.#on
    const { keep } = this.#asked
    const bin = await this.#readBin()
    const schedule = await harbor.gcSchedule()
    const sorted = sortBin(bin.items, {
      harbor: harbor.url,
      keep,
      now: this.#time.now(),
      lastSweep: lastSweep(runs),
      window,
      isCopied: (item) => bin.copies.of(item).length > 0,
    })
    this.#course.leaving = sorted.leaving
    this.#warn(warningsOf({ sorted, damage: bin.damage, schedule }, this.#asked))
    if (window === 0 && sorted.kept.length > 0) {
      const message =
        "garbage collection was not started: this Harbor's frees what was asked for a moment ago (GC_TIME_WINDOW_HOURS of its core is 0), so that nothing of what trash.keep keeps would survive it"
      throw new Stopped('gc-failed', message)
    }
    return sorted
  }

  async #readBin(): Promise<Bin> {
    try {
      return await readBin(this.#asked.bin)
    } catch (error) {
      throw unreadableBin(this.#asked.bin, error)
    }
  }

  /** Asks for all blobs that have to survive, so that the last time is recent enough for all of them. */
  async #keeperOf({ kept }: Sorted, window: Duration): Promise<Keeper> {
    const { blobs, unreadable } = await neededBlobs(kept).catch((error: unknown) => {
      throw unreadableBin(this.#asked.bin, error)
    })
    const keeper = new Keeper(blobs, {
      harbor: this.#on.harbor,
      width: this.#asked.concurrency,
      time: this.#time,
      onAsked: (done, all) => {
        if (done % PROGRESS_EVERY === 0) this.#teller.progress(`recycle bin: ${done} of ${all} blobs kept`)
      },
    })
    await keepAll(keeper, window, this.#time)
    const incomplete = keeper.incomplete()
    const isGone = (item: Sorted['kept'][number]): boolean =>
      incomplete.has(item) || unreadable.includes(item)
    const lost = kept.filter((item) => wasLost(item))
    this.#course.restorable = lost.filter((item) => !isGone(item))
    this.#course.gone = lost.filter((item) => isGone(item))
    this.#warn(goneWarning(this.#course.gone))
    return keeper
  }

  /** One that waits for others may begin hours later. */
  async #keepOn(keeper: Keeper, window: Duration): Promise<void> {
    try {
      await keeper.keep(window / 4)
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      this.#teller.say(`${error.message}; the blobs in the recycle bin are asked for again`)
    }
  }

  async #drop({ droppable }: Sorted): Promise<void> {
    try {
      const busy = await dropSaved(this.#asked.bin, droppable)
      this.#course.dropped = busy.length === 0
      if (busy.length === 0) return
      this.#warn([
        { words: 'Somebody writes to these journals, so that nothing was dropped from them:', names: busy },
      ])
    } catch (error) {
      // Garbage was collected; what is left in the bin leaves it next time.
      const words = 'What left the recycle bin could not be dropped from it, and will be by the next gc:'
      this.#warn([{ words, names: [messageOf(error)] }])
    }
  }

  #warn(warnings: readonly Warning[]): void {
    for (const warning of warnings) this.#teller.warn(inOneLine(warning))
    this.#course.warnings = [...this.#course.warnings, ...warnings]
  }
}

const PROGRESS_EVERY = 100

/** @throws Stopped when a blob that has to survive may not */
async function keepAll(keeper: Keeper, window: Duration, time: Time): Promise<void> {
  const began = time.now()
  try {
    await keeper.keep(0)
    // The first ones would be too old by the time that Harbor looks.
    if (time.now() - began > window / 2) await keeper.keep(window / 4)
  } catch (error) {
    if (!(error instanceof HarborError)) throw error
    const message = `garbage collection was not started, since what trash.keep keeps could be lost in it: ${error.message}; run gc again when that is solved`
    throw new Stopped('gc-failed', message, { cause: error })
  }
  if (keeper.age() <= (window / 4) * 3) return
  const message =
    'garbage collection was not started, since what trash.keep keeps could be lost in it: asking for all its blobs takes longer than Harbor spares them; raise `concurrency`, or lower trash.keep'
  throw new Stopped('gc-failed', message)
}

function unreadableBin(folder: string, error: unknown): Stopped {
  const message = `garbage collection was not started, since what the recycle bin keeps could be lost in it: ${folder}: ${messageOf(error)}; see the input \`work-dir\``
  return new Stopped('journal', message, { cause: error })
}
