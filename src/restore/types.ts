import type { BinItem } from '../bin/bin.ts'
import type { Manifest } from '../harbor/harbor.ts'
import type { Blob } from '../harbor/manifest.ts'
import type { Digest } from '../inventory/types.ts'
import type { Note } from './notes.ts'

/** A label as it was on an artifact; without an id it can't be put on again. */
export interface Label {
  readonly name: string
  readonly id: number | null
}

/** A saved manifest without its bytes: what is decided by. */
export interface Piece {
  readonly digest: Digest
  /** Whose saved manifests have its bytes; undefined for an artifact of which only a tag went, or with `content`. */
  readonly from: BinItem | undefined
  /** Its bytes, where the mirror had them. */
  readonly content?: Manifest
  readonly tags: readonly string[]
  readonly labels: readonly Label[]
  /** An index's. */
  readonly children: readonly Digest[]
  /** Its configuration and layers. */
  readonly blobs: readonly Blob[]
  readonly accessory: boolean
  /** What an accessory hangs on, as far as it says so. */
  readonly subject: Digest | undefined
  /** `sha256-<subject>.sig`: put by digest, Harbor would take a cosign signature for a plain artifact (v2.15.1). */
  readonly signatureTag: string | undefined
  /** What is wrong with what was saved. */
  readonly fault: 'damaged' | 'unknown-form' | undefined
}

/** An item of the bin with its manifests, and those of others that it needs. */
export interface Loaded {
  readonly item: BinItem
  readonly pieces: readonly Piece[]
  /** Why they couldn't be read. */
  readonly unreadable: Note | undefined
}

/** An artifact as Harbor has it now. */
export interface Present {
  readonly tags: readonly string[]
  readonly labels: readonly Label[]
  readonly children: readonly Digest[]
  readonly accessories: readonly Digest[]
}

/** What Harbor has of an item. */
export interface Standing {
  readonly present: ReadonlyMap<Digest, Present>
  /** Tags of it that stand on something else, and on what. */
  readonly places: ReadonlyMap<string, Digest>
  /** Blobs that the repository doesn't have any more. */
  readonly gone: ReadonlySet<Digest>
  /** Those of them that a mirror has, and in which repository of its. */
  readonly mirrored: ReadonlyMap<Digest, string>
}

/** A change that puts something back. */
export type Step =
  | Fetch
  | { readonly kind: 'put'; readonly digest: Digest; readonly reference: string }
  /** `move`: it is taken from the artifact that it stands on now. */
  | { readonly kind: 'tag'; readonly digest: Digest; readonly tag: string; readonly move: boolean }
  | { readonly kind: 'label'; readonly digest: Digest; readonly label: Label & { readonly id: number } }

/** A blob that is taken back from a mirror: what the manifest `digest` needs, from a repository there. */
export interface Fetch {
  readonly kind: 'fetch'
  readonly digest: Digest
  readonly blob: Blob
  readonly from: string
}

/** What becomes of an item. */
export interface Decision {
  /** In their order; none when all of it is there, or it can't come back. */
  readonly steps: readonly Step[]
  readonly notes: readonly Note[]
  /** What is there once the steps are done, with no more tags and labels than it then has. */
  readonly expected: readonly Piece[]
}

export interface Checked {
  readonly item: BinItem
  readonly decision: Decision
}

/**
 * `partly`: it came back, though not all of it; `already`: it was there; `aside`: nobody asked for it by name, and it
 * isn't for an apply that it is gone; `lost`: it can't come back.
 */
export type Outcome = 'restored' | 'partly' | 'already' | 'aside' | 'lost' | 'failed'

export interface Result {
  readonly item: BinItem
  readonly outcome: Outcome
  readonly notes: readonly Note[]
  /** What was, or would be, taken from a mirror. */
  readonly fetched: readonly Fetch[]
}
