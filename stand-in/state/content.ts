// The bytes of a blob: held, or made again whenever they are read (so that a registry of a million images fits).
import { hash } from 'node:crypto'

export type Content = Buffer | Generated

export class Generated {
  private readonly make: (seed: number) => Buffer
  private readonly seed: number

  constructor(make: (seed: number) => Buffer, seed: number) {
    this.make = make
    this.seed = seed
  }

  bytes(): Buffer {
    return this.make(this.seed)
  }
}

export function bytesOf(content: Content): Buffer {
  return content instanceof Generated ? content.bytes() : content
}

export function digestOf(bytes: Buffer | string): string {
  return `sha256:${hash('sha256', bytes)}`
}
