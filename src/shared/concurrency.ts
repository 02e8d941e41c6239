/**
 * Runs `work` on every item, on at most `width` at a time, taking them in their order.
 *
 * @throws what `work` throws first; nothing new is begun then
 */
export async function forEachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const shared = taken(items)
  // A worker that throws leaves its loop, which ends the generator for the others too.
  const worker = async (): Promise<void> => {
    for await (const item of shared) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

async function* taken<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* items
}
