import { byteLength } from './escape.ts'

/** Makes a block of at most so many bytes; empty where there is no room for one. */
export type Block = (room: number) => string

/** What is between two blocks. */
export const BETWEEN = 2

/**
 * Blocks in so many bytes, each in what the ones before it left. One that doesn't fit is left out.
 *
 * @returns the blocks; with an empty line before each they are within the room
 */
export function takeInTurn(room: number, blocks: readonly Block[]): readonly string[] {
  const taken: string[] = []
  let left = room
  for (const make of blocks) {
    const block = make(left - BETWEEN)
    const bytes = byteLength(block) + BETWEEN
    if (block === '' || bytes > left) continue
    taken.push(block)
    left -= bytes
  }
  return taken
}

/** A block, and how much of it there is to show. */
export interface Weighed {
  readonly make: Block
  /** How many rows it would like to have. */
  readonly size: number
  /** How much more its rows matter than those of a block of one. */
  readonly weight: number
}

/**
 * Blocks in so many bytes that share them: what small ones don't need is for the larger.
 *
 * @returns a block each, in their order; empty where there is no room for it
 */
export function share(room: number, blocks: readonly Weighed[]): readonly string[] {
  const made = blocks.map(() => '')
  const inTurn = [...blocks.entries()].toSorted(([, a], [, b]) => a.size / a.weight - b.size / b.weight)
  let left = room
  let weights = blocks.reduce((sum, { weight }) => sum + weight, 0)
  for (const [index, { make, weight }] of inTurn) {
    const block = make((left * weight) / weights - BETWEEN)
    weights -= weight
    if (block === '') continue
    made[index] = block
    left -= byteLength(block) + BETWEEN
  }
  return made
}
