/** How an image came to the mirror: all of it was there, only tags were put, or blobs too, without skopeo or with it. */
export type How = (typeof HOW)[number]

const HOW = ['nothing', 'tags', 'by-hand', 'skopeo'] as const

/** What one copy has sent so far. */
export class Sent {
  #how: How = 'nothing'
  #bytes = 0

  get how(): How {
    return this.#how
  }

  get bytes(): number {
    return this.#bytes
  }

  add(how: How, bytes: number): void {
    this.#bytes += bytes
    if (HOW.indexOf(how) > HOW.indexOf(this.#how)) this.#how = how
  }
}
