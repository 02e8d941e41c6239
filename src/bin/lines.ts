import { createReadStream } from 'node:fs'

/** A line of a file, and where it stands in it. */
export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Bytes before it, and of it, without its end. */
  readonly offset: number
  readonly length: number
  /** Whether the file ends with it, without a line end. */
  readonly isLast: boolean
}

const NEW_LINE = 0x0a

/** A file's lines, one at a time; empty ones are left out. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  let parts: Buffer[] = []
  let offset = 0
  let number = 1
  const take = (isLast: boolean): Line => {
    const bytes = Buffer.concat(parts)
    parts = []
    const line = { text: bytes.toString('utf8'), number, offset, length: bytes.length, isLast }
    offset += bytes.length + 1
    number += 1
    return line
  }
  const chunks: AsyncIterable<Buffer> = createReadStream(file)
  for await (const chunk of chunks) {
    let rest = chunk
    for (let end = rest.indexOf(NEW_LINE); end !== -1; end = rest.indexOf(NEW_LINE)) {
      parts.push(rest.subarray(0, end))
      rest = rest.subarray(end + 1)
      const line = take(false)
      if (line.text !== '') yield line
    }
    if (rest.length > 0) parts.push(rest)
  }
  if (parts.length > 0) yield take(true)
}
