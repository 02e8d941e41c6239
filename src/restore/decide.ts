// What of an item comes back, and by which requests in which order.
import type { Digest } from '../inventory/types.ts'
import type { Claims } from './claims.ts'
import * as notes from './notes.ts'
import type { Note } from './notes.ts'
import type { Decision, Label, Loaded, Piece, Present, Standing, Step } from './types.ts'

export interface Circumstances {
  readonly claims: Claims
  readonly overwriteTags: boolean
  /** Digests that others put back in the same repository. */
  readonly comingBack: ReadonlySet<Digest>
  /** What is to be said of mirrors where something is gone for good. */
  readonly hint: string
}

/**
 * The manifests that Harbor lacks, or has without knowing whose accessories they are: what has to be put, if it can be.
 */
export function toPut(pieces: readonly Piece[], present: ReadonlyMap<Digest, Present>): readonly Piece[] {
  const own = new Set(pieces.map(({ digest }) => digest))
  return pieces.filter(({ digest, accessory, subject }) => {
    if (!present.has(digest)) return true
    if (!accessory || subject === undefined || !own.has(subject)) return false
    return present.get(subject)?.accessories.includes(digest) !== true
  })
}

export function decide(loaded: Loaded, standing: Standing, circumstances: Circumstances): Decision {
  const { item, pieces, unreadable } = loaded
  if (unreadable !== undefined) return { steps: [], notes: [unreadable], expected: [] }
  const lacks = new Lacks(loaded, standing, circumstances)
  const fatal = lacks.of(item.digest)
  if (fatal.length > 0) return { steps: [], notes: [...new Set(fatal)], expected: [] }
  const coming = inOrder(item.digest, pieces).filter(({ digest }) => lacks.of(digest).length === 0)
  const placed = coming.map((piece) => placeTags(piece, loaded, standing, circumstances))
  const puts = toPut(coming, standing.present).flatMap((piece) =>
    hasBytes(piece) ? [...fetches(piece, standing), putOf(piece)] : [],
  )
  const byPut = new Set(puts.flatMap((step) => (step.kind === 'put' ? [step.reference] : [])))
  return {
    steps: [
      ...puts,
      ...placed.flatMap(({ steps }) => steps.filter(({ tag }) => !byPut.has(tag))),
      ...coming.flatMap((piece) => labelSteps(piece, standing.present.get(piece.digest))),
    ],
    notes: [
      ...new Set(pieces.flatMap(({ digest }) => lacks.of(digest))),
      ...placed.flatMap((each) => each.notes),
      ...coming.flatMap((piece) => unknownLabels(piece, standing.present.get(piece.digest))),
    ],
    expected: placed.map(({ piece }) => piece),
  }
}

/** Whether its bytes are known, saved or from a mirror. */
export function hasBytes({ from, content }: Piece): boolean {
  return from !== undefined || content !== undefined
}

function putOf({ digest, signatureTag }: Piece): Step {
  return { kind: 'put', digest, reference: signatureTag ?? digest }
}

/** What has to be taken from a mirror before a manifest can be put. */
function fetches({ digest, blobs }: Piece, { gone, mirrored }: Standing): readonly Step[] {
  return blobs.flatMap((blob): readonly Step[] => {
    const from = gone.has(blob.digest) ? mirrored.get(blob.digest) : undefined
    return from === undefined ? [] : [{ kind: 'fetch', digest, blob, from }]
  })
}

/** What each piece lacks to come back: of its own, or because something does that it can't be without. */
class Lacks {
  readonly #repository: string
  readonly #root: Digest
  readonly #pieces: ReadonlyMap<Digest, Piece>
  readonly #needed: ReadonlySet<Piece>
  readonly #standing: Standing
  readonly #circumstances: Circumstances
  readonly #taken: (tag: string) => Digest | undefined
  readonly #known = new Map<Digest, readonly Note[]>()

  constructor({ item, pieces }: Loaded, standing: Standing, circumstances: Circumstances) {
    this.#repository = item.repository
    this.#root = item.digest
    this.#pieces = new Map(pieces.map((piece) => [piece.digest, piece]))
    this.#needed = new Set(toPut(pieces, standing.present))
    this.#standing = standing
    this.#circumstances = circumstances
    this.#taken = (tag) => (circumstances.overwriteTags ? undefined : standing.places.get(tag))
  }

  of(digest: Digest): readonly Note[] {
    const known = this.#known.get(digest)
    if (known !== undefined) return known
    // Cosign's tags can name each other in a ring: whoever is asked for again lacks nothing for that.
    this.#known.set(digest, [])
    const lacks = this.#lacksOf(digest)
    this.#known.set(digest, lacks)
    return lacks
  }

  #lacksOf(digest: Digest): readonly Note[] {
    const piece = this.#pieces.get(digest)
    if (piece === undefined) return this.#lacksOfUnsaved(digest)
    if (!this.#needed.has(piece)) return []
    const { fault, children, subject, signatureTag } = piece
    const { hint } = this.#circumstances
    if (!hasBytes(piece)) {
      return this.#circumstances.comingBack.has(digest) ? [] : [notes.artifactGone(digest, hint)]
    }
    if (fault !== undefined) {
      return [fault === 'damaged' ? notes.damaged(digest, hint) : notes.unknownForm(digest)]
    }
    const { gone: all, mirrored } = this.#standing
    const gone = piece.blobs.map((blob) => blob.digest).filter((blob) => all.has(blob) && !mirrored.has(blob))
    const on = signatureTag === undefined ? undefined : this.#taken(signatureTag)
    // Put by a tag that another one gets, it would take it away.
    const owner = this.#circumstances.claims.get(`${this.#repository}:${signatureTag ?? ''}`)
    return [
      ...(gone.length > 0 ? [notes.blobsGone(this.#partWords(piece), gone, hint)] : []),
      ...children.flatMap((child) => this.of(child)),
      ...(subject !== undefined && this.#pieces.has(subject) && this.of(subject).length > 0
        ? [notes.subjectLost(digest)]
        : []),
      ...(signatureTag !== undefined && on !== undefined ? [notes.tagTaken(signatureTag, on)] : []),
      ...(owner !== undefined && owner !== digest ? [notes.tagLater(signatureTag ?? '', owner)] : []),
    ]
  }

  #lacksOfUnsaved(digest: Digest): readonly Note[] {
    if (this.#standing.present.has(digest) || this.#circumstances.comingBack.has(digest)) return []
    return [
      digest === this.#root ? notes.notSaved(digest) : notes.childGone(digest, this.#circumstances.hint),
    ]
  }

  #partWords({ digest, accessory }: Piece): string {
    if (digest === this.#root) return ''
    return ` of its ${accessory ? 'accessory' : 'child'} ${digest.replace(/^(sha256:.{12}).*/, '$1…')}`
  }
}

/** Children before their index, that before its accessories. */
function inOrder(root: Digest, pieces: readonly Piece[]): readonly Piece[] {
  const byDigest = new Map(pieces.map((piece) => [piece.digest, piece]))
  const ordered = new Set<Piece>()
  const visited = new Set<Digest>()
  const visit = (digest: Digest): void => {
    const piece = byDigest.get(digest)
    if (piece === undefined || visited.has(digest)) return
    visited.add(digest)
    for (const child of piece.children) visit(child)
    if (piece.subject !== undefined) visit(piece.subject)
    ordered.add(piece)
  }
  for (const digest of [root, ...byDigest.keys()]) visit(digest)
  return [...ordered]
}

interface Placed {
  readonly piece: Piece
  readonly steps: readonly Extract<Step, { kind: 'tag' }>[]
  readonly notes: readonly Note[]
}

/** Which of its tags a piece gets, and with those and the labels that it can get, the piece as it will be. */
function placeTags(
  piece: Piece,
  { item }: Loaded,
  standing: Standing,
  { claims, overwriteTags }: Circumstances,
): Placed {
  const { digest } = piece
  const tags: string[] = []
  const steps: Extract<Step, { kind: 'tag' }>[] = []
  const said: Note[] = []
  for (const tag of piece.tags) {
    const owner = claims.get(`${item.repository}:${tag}`)
    const on = standing.places.get(tag)
    if (standing.present.get(digest)?.tags.includes(tag) === true) {
      tags.push(tag)
    } else if (owner !== undefined && owner !== digest) {
      said.push(notes.tagLater(tag, owner))
    } else if (on === undefined || overwriteTags) {
      tags.push(tag)
      steps.push({ kind: 'tag', digest, tag, move: on !== undefined })
    } else {
      said.push(notes.tagTaken(tag, on))
    }
  }
  const labels = piece.labels.filter(({ id }) => id !== null)
  return { piece: { ...piece, tags, labels }, steps, notes: said }
}

function labelSteps({ digest, labels }: Piece, present: Present | undefined): readonly Step[] {
  return labels
    .filter((label) => !isOn(label, present))
    .flatMap(({ name, id }): Step[] => (id === null ? [] : [{ kind: 'label', digest, label: { name, id } }]))
}

function unknownLabels({ labels }: Piece, present: Present | undefined): readonly Note[] {
  return labels
    .filter((label) => label.id === null && !isOn(label, present))
    .map(({ name }) => notes.labelGone(name))
}

/** Whether an artifact has a label: by id, since its name may have been changed; by name where no id is known. */
export function isOn({ name, id }: Label, present: Present | undefined): boolean {
  const labels = present?.labels ?? []
  return labels.some((label) => (id === null || label.id === null ? label.name === name : label.id === id))
}
