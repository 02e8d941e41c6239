import type { ActionResult } from '../apply/types.ts'
import type { Copy } from '../plan/types.ts'
import { HOW_WORDS } from '../report/words.ts'
import { formatBytes } from '../shared/bytes.ts'
import type { Host } from '../shells/host.ts'

/** How often it is told how far copies are that take long, in milliseconds. */
const BEAT = 30_000
const MOST_NAMES = 4
/** Copies of which there was nothing to send, between two words about it. */
const UNCHANGED = 100

/** Tells how far the copies of an apply are: after each that sent something, and now and then in between. */
export class CopyProgress {
  readonly #host: Host
  readonly #count: number
  readonly #bytes: () => number
  readonly #underWay = new Set<Copy>()
  readonly #timer: NodeJS.Timeout
  #ended = 0

  /** @param bytes tells what was sent so far */
  constructor(host: Host, count: number, bytes: () => number) {
    this.#host = host
    this.#count = count
    this.#bytes = bytes
    this.#timer = setInterval(() => {
      this.#beat()
    }, BEAT).unref()
  }

  begun(copy: Copy): void {
    this.#underWay.add(copy)
  }

  ended({ action, outcome, sent }: ActionResult): void {
    if (action.kind !== 'copy') return
    this.#underWay.delete(action)
    this.#ended += 1
    const place = `${this.#ended} of ${this.#count}`
    if (outcome === 'done' && sent !== undefined && sent.how !== 'nothing') {
      const { how, bytes, seconds } = sent
      const figures = `${formatBytes(bytes)} in ${seconds.toFixed(1)} s, ${HOW_WORDS[how]}`
      this.#host.progress(`${place}: copied ${nameOf(action)} to ${action.target}: ${figures}`)
    } else if (this.#ended % UNCHANGED === 0) {
      this.#host.progress(`${place} copies looked at, ${formatBytes(this.#bytes())} sent`)
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    if (this.#underWay.size === 0) return
    const names = [...this.#underWay].map((copy) => nameOf(copy))
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
    const some = names.slice(0, MOST_NAMES).join(', ')
    const sent = formatBytes(this.#bytes())
    this.#host.progress(
      `${this.#ended} of ${this.#count} copies done, ${sent} sent; under way: ${some}${more}`,
    )
  }
}

function nameOf({ repository, tags, digest }: Copy): string {
  const [tag] = tags
  return tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`
}
