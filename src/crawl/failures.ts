import { Forbidden, HarborError, NotFound } from '../harbor/errors.ts'
import { compareText } from '../shared/order.ts'
import type { Failure } from '../inventory/types.ts'

/** Collects what could not be read, while the rest goes on. */
export class Failures {
  readonly #failures: Failure[] = []

  /**
   * Does some reading; if Harbor fails it, notes that down.
   *
   * @param where what is read: a project, a repository
   * @returns whether it was read
   */
  async guard(where: string, reading: () => Promise<void>): Promise<boolean> {
    try {
      await reading()
      return true
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      this.#failures.push({ where, message: messageOf(error) })
      return false
    }
  }

  /** By place, so that they are the same however the readings took turns. */
  inOrder(): readonly Failure[] {
    return this.#failures.toSorted((a, b) => compareText(a.where, b.where))
  }
}

function messageOf(error: HarborError): string {
  if (error instanceof NotFound) return `${error.message}; it was deleted while it was read, plan again`
  if (error instanceof Forbidden) return `${error.message}; or leave it out of the policy's scope`
  return error.message
}
