// Things that go wrong between a client and Harbor, on demand.

export type Fault =
  /** An error of Harbor's own, instead of doing anything; `acted` makes it answer so after it did. */
  | {
      readonly kind: 'error'
      readonly status: number
      readonly code?: string
      readonly message?: string
      readonly acted?: boolean
    }
  /** An HTML page, as a proxy in front of Harbor answers. */
  | { readonly kind: 'html'; readonly status: 502 | 503 | 504; readonly acted?: boolean }
  /** 429 with Retry-After. */
  | { readonly kind: 'busy'; readonly retryAfter: number | string }
  /** The right answer, late. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The connection is cut; `acted` says whether Harbor had done it by then. */
  | { readonly kind: 'cut'; readonly acted: boolean }
  /** Only the first bytes of the answer, then the connection is cut; or, if `complete`, they pass for all of it. */
  | { readonly kind: 'truncate'; readonly bytes: number; readonly complete?: boolean }
  /** No answer at all, until the client gives up. */
  | { readonly kind: 'hang'; readonly acted?: boolean }

export interface Injection {
  /** Any method unless given. */
  readonly method?: string
  /** What the path with its query must contain, or match; any path unless given. */
  readonly path?: string | RegExp
  /** How many such requests pass unharmed first. */
  readonly after?: number
  /** How many are hit; one unless given. */
  readonly times?: number
  readonly fault: Fault
}

export interface Injected {
  /** How many requests were hit so far. */
  readonly hits: number
  remove(): void
}

class Active implements Injected {
  hits = 0
  private seen = 0
  private readonly injection: Injection
  private readonly faults: Set<Active>

  constructor(injection: Injection, faults: Set<Active>) {
    this.injection = injection
    this.faults = faults
  }

  strike(method: string, path: string): Fault | undefined {
    const { after = 0, times = 1, fault } = this.injection
    if (!this.concerns(method, path)) return undefined
    this.seen += 1
    if (this.seen <= after || this.hits >= times) return undefined
    this.hits += 1
    return fault
  }

  remove(): void {
    this.faults.delete(this)
  }

  private concerns(method: string, path: string): boolean {
    const { method: wanted = method, path: part } = this.injection
    if (wanted !== method) return false
    if (part === undefined) return true
    return typeof part === 'string' ? path.includes(part) : part.test(path)
  }
}

export class Faults {
  private readonly active = new Set<Active>()

  inject(injection: Injection): Injected {
    const active = new Active(injection, this.active)
    this.active.add(active)
    return active
  }

  clear(): void {
    this.active.clear()
  }

  /** The faults that hit this request, in the order of their injection. */
  strike(method: string, path: string): Fault[] {
    return [...this.active].map((one) => one.strike(method, path)).filter((fault) => fault !== undefined)
  }
}
