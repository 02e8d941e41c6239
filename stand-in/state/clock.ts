// What Harbor does a while after a request (moving pull times, running jobs) waits here until the clock, which
// tests can set, has passed its time. Nothing runs by itself: `settle` is called before each request.

export interface Timings {
  /** Until a pull shows in pull_time: Harbor buffers them for 10 s. */
  readonly pullFlush: number
  /** Until a job (GC, scan, retention) has done its work. */
  readonly jobRun: number
  /** Until its execution is marked so: 20 to 30 s after the start on an idle Harbor. */
  readonly jobMark: number
}

export const TIMINGS = {
  /** Everything is done by the next request. */
  none: { pullFlush: 0, jobRun: 0, jobMark: 0 },
  /** As measured on a real Harbor v2.15.1. */
  harbor: { pullFlush: 10_000, jobRun: 2_000, jobMark: 22_000 },
} as const satisfies Record<string, Timings>

interface Due {
  readonly at: number
  readonly act: () => void
}

export class Clock {
  readonly timings: Timings
  private readonly read: () => number
  private due: Due[] = []

  constructor(read: () => number, timings: Timings) {
    this.read = read
    this.timings = timings
  }

  now(): number {
    return this.read()
  }

  later(delay: number, act: () => void): void {
    this.due.push({ at: this.now() + delay, act })
  }

  /** Does what has come due, in order of time; what that starts in turn included. */
  settle(): void {
    while (this.due.length > 0) {
      const now = this.now()
      const ready = this.due.filter(({ at }) => at <= now)
      if (ready.length === 0) return
      this.due = this.due.filter(({ at }) => at > now)
      for (const { act } of ready.toSorted((a, b) => a.at - b.at)) act()
    }
  }
}
