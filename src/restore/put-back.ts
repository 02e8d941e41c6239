import type { BinItem } from '../bin/bin.ts'
import type { HarborChanges } from '../harbor/changes.ts'
import { Conflict, HarborError, NotFound, PreconditionFailed } from '../harbor/errors.ts'
import type { Harbor, Manifest } from '../harbor/harbor.ts'
import { patiently, type Patience } from '../harbor/patiently.ts'
import type { Digest } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { gapsOf } from './gaps.ts'
import { contentOf } from './load.ts'
import type { Look } from './look.ts'
import type { Archive } from './mirrored.ts'
import * as notes from './notes.ts'
import { foreseen } from './outcome.ts'
import type { Checked, Fetch, Outcome, Piece, Present, Result, Step } from './types.ts'

export interface Restoring extends Patience {
  readonly harbor: Harbor
  readonly changes: HarborChanges
  readonly look: Look
  readonly overwriteTags: boolean
  /** The mirror that was given. */
  readonly archive: Archive | undefined
  /** Items side by side. */
  readonly width: number
  /** Told of every item that is done. */
  readonly onResult: (result: Result) => Promise<void>
}

/** Puts back what can come back, item by item: images before tags that were deleted alone, which may stand on them. */
export async function putBack(checked: readonly Checked[], restoring: Restoring): Promise<readonly Result[]> {
  const results = new Map<BinItem, Result>()
  const work = async (each: Checked): Promise<void> => {
    const result = await new ItemRestore(each, restoring).run()
    results.set(each.item, result)
    await restoring.onResult(result)
  }
  const isTagOnly = ({ item }: Checked): boolean => item.manifests.length === 0
  await forEachOf(
    checked.filter((each) => !isTagOnly(each)),
    restoring.width,
    work,
  )
  await forEachOf(checked.filter(isTagOnly), restoring.width, work)
  return checked.flatMap(({ item }) => results.get(item) ?? [])
}

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>

/** One item on its way back. */
class ItemRestore {
  readonly #checked: Checked
  readonly #restoring: Restoring
  readonly #notes: notes.Note[] = []
  readonly #fetched: Fetch[] = []
  /** What should be there in the end; less as it turns out what can't. */
  readonly #expected: Map<Digest, Piece>
  /** Manifests that couldn't be put. */
  readonly #broken = new Set<Digest>()
  #content: ReadonlyMap<Digest, Manifest> = new Map()

  constructor(checked: Checked, restoring: Restoring) {
    this.#checked = checked
    this.#restoring = restoring
    this.#expected = new Map(checked.decision.expected.map((piece) => [piece.digest, piece]))
  }

  async run(): Promise<Result> {
    const { item, decision } = this.#checked
    const { steps, expected } = decision
    if (steps.length === 0) return { item, outcome: foreseen(decision), notes: decision.notes, fetched: [] }
    try {
      this.#content = await contentOf(expected)
    } catch (error) {
      const unreadable = notes.binUnreadable(item.place.file, error)
      return { item, outcome: 'lost', notes: [...decision.notes, unreadable], fetched: [] }
    }
    for (const step of steps) {
      if (!this.#isBroken(step)) await this.#take(step)
    }
    return this.#verified()
  }

  /** Whether a step has nothing to stand on; why was told when that failed. */
  #isBroken({ digest }: Step): boolean {
    const { children = [], subject } = this.#expected.get(digest) ?? {}
    const isBroken = [digest, ...children, subject].some((each) => this.#broken.has(each ?? ''))
    if (isBroken) this.#broken.add(digest)
    return isBroken
  }

  async #take(step: Step): Promise<void> {
    try {
      switch (step.kind) {
        case 'fetch': {
          await this.#fetch(step)
          break
        }
        case 'put': {
          await this.#put(step)
          break
        }
        case 'tag': {
          await this.#tag(step)
          break
        }
        case 'label': {
          await this.#label(step)
          break
        }
      }
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      if (error instanceof PreconditionFailed) {
        this.#giveUp(step, notes.refused(error, [nameOf(step)]))
      } else {
        if (step.kind === 'put' || step.kind === 'fetch') this.#broken.add(step.digest)
        this.#notes.push(notes.requestFailed(error, [nameOf(step)]))
      }
    }
  }

  /** Notes down what won't be there, so that nobody looks for it. */
  #giveUp(step: Step, note: notes.Note): void {
    const { digest } = step
    this.#notes.push(note)
    const piece = this.#expected.get(digest)
    if (step.kind === 'put' || step.kind === 'fetch') {
      this.#broken.add(digest)
      this.#expected.delete(digest)
    } else if (piece !== undefined) {
      const tags = piece.tags.filter((tag) => step.kind !== 'tag' || tag !== step.tag)
      const labels = piece.labels.filter(({ id }) => step.kind !== 'label' || id !== step.label.id)
      this.#expected.set(digest, { ...piece, tags, labels })
    }
  }

  async #fetch(step: Fetch): Promise<void> {
    await this.#restoring.archive?.bring(step.from, step.blob, this.#checked.item.repository)
    this.#fetched.push(step)
  }

  async #put(step: StepOf<'put'>): Promise<void> {
    const { digest, reference } = step
    const { look, overwriteTags } = this.#restoring
    const { repository } = this.#checked.item
    const content = this.#content.get(digest)
    if (content === undefined) {
      this.#giveUp(step, notes.damaged(digest))
      return
    }
    if (reference !== digest && !overwriteTags) {
      const on = await look.place(repository, reference)
      if (on !== undefined && on !== digest) {
        this.#giveUp(step, notes.tagTaken(reference, on))
        return
      }
    }
    try {
      await this.#persist((changes) => changes.putManifest(repository, reference, digest, content))
    } catch (error) {
      if (error instanceof PreconditionFailed || !(await this.#isThere(digest, reference))) throw error
    }
  }

  /** Whether a manifest is there although its put seems to have failed: then the answer got lost. */
  async #isThere(digest: Digest, reference: string): Promise<boolean> {
    const { item } = this.#checked
    try {
      const artifact = (await this.#restoring.look.present(item.repository, [digest])).get(digest)
      return artifact !== undefined && (reference === digest || artifact.tags.includes(reference))
    } catch (error) {
      if (error instanceof HarborError) return false
      throw error
    }
  }

  async #tag(step: StepOf<'tag'>): Promise<void> {
    const { look, overwriteTags } = this.#restoring
    const { repository } = this.#checked.item
    const { digest, tag } = step
    if (step.move) {
      await this.#move(step)
      return
    }
    try {
      await this.#persist((changes) => changes.addTag(repository, digest, tag))
    } catch (error) {
      if (!(error instanceof Conflict)) throw error
      const on = await look.place(repository, tag)
      if (on === digest) return
      if (on === undefined) throw error
      if (overwriteTags) await this.#move(step)
      else this.#giveUp(step, notes.tagTaken(tag, on))
    }
  }

  /** A tag moves by a push: the API that makes tags only makes new ones. */
  async #move({ digest, tag }: StepOf<'tag'>): Promise<void> {
    const { repository } = this.#checked.item
    const content = this.#content.get(digest) ?? (await this.#restoring.harbor.manifest(repository, digest))
    await this.#persist((changes) => changes.putManifest(repository, tag, digest, content))
  }

  async #label(step: StepOf<'label'>): Promise<void> {
    const { repository } = this.#checked.item
    const { digest, label } = step
    // Harbor answers 404 also when it failed to look something up: what is gone is so twice.
    for (const isLast of [false, true]) {
      try {
        await this.#persist((changes) => changes.addLabel(repository, digest, label.id))
        return
      } catch (error) {
        if (error instanceof Conflict) return
        if (!(error instanceof NotFound)) throw error
        if (isLast) this.#giveUp(step, notes.labelGone(label.name))
      }
    }
  }

  #persist(change: (changes: HarborChanges) => Promise<void>): Promise<void> {
    const { changes } = this.#restoring
    return patiently(this.#restoring, () => change(changes))
  }

  /** Looks whether everything is as it was. Harbor may leave a field empty that it failed to look up, so look twice. */
  async #verified(): Promise<Result> {
    const { item, decision } = this.#checked
    const expected = [...this.#expected.values()]
    const look = (): Promise<ReadonlyMap<Digest, Present>> =>
      this.#restoring.look.present(item.repository, [item.digest, ...this.#expected.keys()])
    try {
      let present = await look()
      let gaps = gapsOf(expected, present)
      if (gaps.length > 0) {
        present = await look()
        gaps = gapsOf(expected, present)
      }
      // What failed and is there all the same was done, and its answer got lost.
      const said = this.#notes.filter((note) => gaps.length > 0 || note.code !== 'request-failed')
      const named = new Set(said.flatMap(({ names }) => names))
      const unsaid = gaps.filter(({ names }) => !names.every((name) => named.has(name)))
      const all = [...decision.notes, ...said, ...unsaid]
      const outcome = outcomeOf(all, present.has(item.digest))
      return { item, outcome, notes: all, fetched: this.#fetched }
    } catch (error) {
      if (!(error instanceof HarborError)) throw error
      const all = [...decision.notes, ...this.#notes, notes.requestFailed(error)]
      return { item, outcome: outcomeOf(all, true), notes: all, fetched: this.#fetched }
    }
  }
}

function nameOf(step: Step): string {
  if (step.kind === 'put') return step.digest
  if (step.kind === 'fetch') return step.blob.digest
  return step.kind === 'tag' ? step.tag : step.label.name
}

function outcomeOf(all: readonly notes.Note[], isThere: boolean): Outcome {
  if (!all.some((note) => notes.isTrouble(note))) return 'restored'
  if (isThere) return 'partly'
  return all.some((note) => notes.weightOf(note) === 'failed') ? 'failed' : 'lost'
}
