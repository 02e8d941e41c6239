// What a real Harbor and its database take for an answer, charged on a simulated machine: a request occupies one
// of the cores for its price, others wait for one. The timeline is a calculated one, so that the coarseness of timers
// doesn't add up: what an answer was late is credited to the next request of the same connection.
import type { Registry } from '../state/registry.ts'
import type { Work } from './work.ts'

export interface Priced {
  readonly method: string
  readonly path: string
  readonly work: Work
  readonly registry: Pick<Registry, 'artifactCount' | 'tagCount'>
}

export interface CostModel {
  readonly cores: number
  /** How long a request also waits without a core, as a share of its price. */
  readonly idle: number
  /** Milliseconds of one core. */
  readonly price: (request: Priced) => number
}

/** More than this an answer is late for other reasons than timers. */
const MAX_CREDIT = 5

export class SimulatedCores {
  private readonly freeAt: number[]
  private readonly lateness = new WeakMap<object, number>()

  private readonly idle: number

  constructor({ cores, idle }: Pick<CostModel, 'cores' | 'idle'>) {
    this.freeAt = Array.from({ length: cores }, () => 0)
    this.idle = idle
  }

  /** When the answer to a request that came just now on that connection is due. */
  due(connection: object, price: number, now: number): number {
    const ready = now - (this.lateness.get(connection) ?? 0) + price * this.idle
    const core = this.freeAt.indexOf(Math.min(...this.freeAt))
    const due = Math.max(ready, this.freeAt[core] ?? 0) + price
    this.freeAt[core] = due
    return due
  }

  answered(connection: object, due: number, now: number): void {
    this.lateness.set(connection, Math.max(-MAX_CREDIT, Math.min(MAX_CREDIT, now - due)))
  }
}
