// What was asked of the stand-in, for tests that count and look.
export interface LoggedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly user: string
  readonly userAgent: string
  /** What was answered; 0 when the connection was cut instead. */
  readonly status: number
}

export class RequestLog {
  readonly entries: LoggedRequest[] = []
  private readonly keep: boolean

  constructor(keep: boolean) {
    this.keep = keep
  }

  add(entry: LoggedRequest): void {
    if (this.keep) this.entries.push(entry)
  }

  reset(): void {
    this.entries.length = 0
  }
}
