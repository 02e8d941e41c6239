import type { Digest } from '../inventory/types.ts'
import { isOn } from './decide.ts'
import { notWhole, type Note } from './notes.ts'
import type { Piece, Present } from './types.ts'

/**
 * What is not as it should be after everything was put back.
 *
 * @param expected pieces with the tags and labels that they should have
 * @param present what Harbor has of them
 */
export function gapsOf(expected: readonly Piece[], present: ReadonlyMap<Digest, Present>): readonly Note[] {
  const pieces = new Map(expected.map((piece) => [piece.digest, piece]))
  const gaps = expected.flatMap((piece) => gapsOfPiece(piece, pieces, present))
  return gaps.map(([what, names]) => notWhole(what, names))
}

type Gap = readonly [string, readonly string[]]

function gapsOfPiece(
  piece: Piece,
  pieces: ReadonlyMap<Digest, Piece>,
  all: ReadonlyMap<Digest, Present>,
): readonly Gap[] {
  const { digest, tags, labels, children, accessory, subject } = piece
  const present = all.get(digest)
  if (present === undefined) return [['a manifest of it is not there', [digest]]]
  const hangs = [...all].some(
    ([owner, { accessories }]) => (subject ?? owner) === owner && accessories.includes(digest),
  )
  // What it hangs on may never have been there.
  const shouldHang = accessory && (subject === undefined || pieces.has(subject))
  const gaps: readonly Gap[] = [
    ['a tag is not on it', tags.filter((tag) => !present.tags.includes(tag))],
    ['a label is not on it', labels.filter((label) => !isOn(label, present)).map(({ name }) => name)],
    ['an index lacks a child', children.filter((child) => !present.children.includes(child))],
    ['Harbor does not know an accessory as one', shouldHang && !hangs ? [digest] : []],
  ]
  return gaps.filter(([, names]) => names.length > 0)
}
