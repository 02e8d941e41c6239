/** Lets pieces of work with the same key happen one after the other, in the order in which they came. */
export class OneByOne {
  readonly #last = new Map<string, Promise<unknown>>()

  /** @throws what `work` throws; what comes next isn't held up by that */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#last.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
  }
}
