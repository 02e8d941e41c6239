import type { Harbor } from '../harbor/harbor.ts'
import type { Digest } from '../inventory/types.ts'

/**
 * Looks at blobs, each once in a run: Harbor keeps a blob that was asked for from garbage collection for two hours
 * (v2.10.3, v2.15.1).
 */
export function blobKeeper(
  harbor: Harbor,
  keeps: boolean,
): (repository: string, blobs: readonly Digest[]) => Promise<void> {
  if (!keeps) return () => Promise.resolve()
  const asked = new Map<Digest, Promise<unknown>>()
  return async (repository, blobs) => {
    await Promise.all(
      blobs.map((blob) => {
        const asking = asked.get(blob) ?? harbor.hasBlob(repository, blob)
        asked.set(blob, asking)
        return asking.catch((error: unknown) => {
          asked.delete(blob)
          throw error
        })
      }),
    )
  }
}
