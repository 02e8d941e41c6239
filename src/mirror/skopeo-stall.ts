import { readFileSync } from 'node:fs'

/** Fewer bytes than this between two looks are a runtime at work with itself. */
const LEAST = 1024

/**
 * Watches whether anything moves.
 *
 * @param moved a number that changes as long as something does; without it, what the process reads and writes counts,
 * which Linux tells of
 * @param onStall called once, when nothing moved for so long
 * @returns what ends the watching
 */
export function watch(
  pid: number | undefined,
  { moved, stallMs }: { readonly moved?: (() => number) | undefined; readonly stallMs: number },
  onStall: () => void,
): () => void {
  const look = moved ?? (() => bytesOf(pid))
  const least = moved === undefined ? LEAST : 0
  let mark = look()
  let since = performance.now()
  const timer = setInterval(
    () => {
      const now = look()
      if (Number.isNaN(now) || Math.abs(now - mark) > least) {
        mark = now
        since = performance.now()
      } else if (performance.now() - since >= stallMs) {
        clearInterval(timer)
        onStall()
      }
    },
    Math.min(1000, Math.max(5, stallMs / 10)),
  )
  return () => {
    clearInterval(timer)
  }
}

/** Bytes that a process has read and written, of files, pipes and sockets; NaN where nobody says. */
function bytesOf(pid: number | undefined): number {
  try {
    const counters = readFileSync(`/proc/${pid ?? 'none'}/io`, 'utf8')
    const [, read, written] = /^rchar: (\d+)\nwchar: (\d+)$/m.exec(counters) ?? []
    return Number(read) + Number(written)
  } catch {
    return Number.NaN
  }
}
