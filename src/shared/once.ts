/** Work that is done once for each key, however many ask for it. After a failure whoever asks again, asks anew. */
export class Once<T> {
  readonly #works = new Map<string, Promise<T>>()

  of(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.#works.get(key)
    if (known !== undefined) return known
    const working = work()
    this.#works.set(key, working)
    working.catch(() => this.#works.delete(key))
    return working
  }
}
