import { messageOf } from '../shared/failure.ts'

/** What has to be closed in the end, the last one first. What can't be is told: what was done is told all the same. */
export class Closing {
  readonly #steps: (() => Promise<void>)[] = []
  readonly #warn: (text: string) => void

  constructor(warn: (text: string) => void) {
    this.#warn = warn
  }

  add(step: () => Promise<void>): void {
    this.#steps.push(step)
  }

  /** Never rejects. */
  async close(): Promise<void> {
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step()
      } catch (error) {
        this.#warn(messageOf(error))
      }
    }
  }
}
