import type { BinItem } from '../bin/bin.ts'
import { HarborError } from '../harbor/errors.ts'
import type { Digest } from '../inventory/types.ts'
import { forEachOf } from '../shared/concurrency.ts'
import { projectOf } from '../shared/repository.ts'
import { claimsOf, type Claims } from './claims.ts'
import { decide } from './decide.ts'
import { load, type Library } from './load.ts'
import type { Look } from './look.ts'
import { blobsAt, hintOf, withMirrored, type Archive } from './mirrored.ts'
import * as notes from './notes.ts'
import { isDue } from './outcome.ts'
import type { Checked, Decision, Loaded } from './types.ts'

export interface Checking {
  readonly look: Look
  readonly library: Library
  /** Whether they were asked for by name: then also what no apply is to blame for comes back. */
  readonly byName: boolean
  readonly overwriteTags: boolean
  /** The mirror that was given. */
  readonly archive: Archive | undefined
  /** The repositories at mirrors that an item was copied to. */
  readonly copiedTo: (item: BinItem) => readonly string[]
  /** Items side by side. */
  readonly width: number
  readonly onChecked: (count: number) => void
}

/** Finds out of every item what would become of it. Changes nothing, but keeps blobs from garbage collection for a while. */
export async function check(items: readonly BinItem[], checking: Checking): Promise<readonly Checked[]> {
  const { library, width } = checking
  const loaded = new Map<BinItem, Loaded>()
  await forEachOf(items, width, async (item) => {
    loaded.set(item, await load(item, library))
  })
  const all = items.flatMap((item) => loaded.get(item) ?? [])
  const claims = claimsOf(all.filter(({ item }) => checking.byName || isDue(item)))
  const decisions = new Map<BinItem, Decision>()
  const comingBack = new Map<string, Set<Digest>>()
  const work = async (each: Loaded): Promise<void> => {
    const { repository } = each.item
    const decision = await decideItem(each, checking, {
      claims,
      comingBack: comingBack.get(repository) ?? new Set(),
    })
    decisions.set(each.item, decision)
    checking.onChecked(decisions.size)
  }
  const isTagOnly = ({ item }: Loaded): boolean => item.manifests.length === 0
  await forEachOf(
    all.filter((each) => !isTagOnly(each)),
    width,
    work,
  )
  for (const [{ repository }, { steps }] of decisions) {
    const digests = comingBack.get(repository) ?? new Set()
    comingBack.set(repository, digests)
    for (const step of steps) if (step.kind === 'put') digests.add(step.digest)
  }
  await forEachOf(all.filter(isTagOnly), width, work)
  return items.flatMap((item) => {
    const decision = decisions.get(item)
    return decision === undefined ? [] : [{ item, decision }]
  })
}

async function decideItem(
  saved: Loaded,
  { look, overwriteTags, byName, archive, copiedTo }: Checking,
  { claims, comingBack }: { readonly claims: Claims; readonly comingBack: ReadonlySet<Digest> },
): Promise<Decision> {
  const { item } = saved
  const nothing = (note: notes.Note): Decision => ({ steps: [], notes: [note], expected: [] })
  try {
    const name = projectOf(item.repository)
    const project = await look.project(name)
    if (project === 'gone') return nothing(notes.projectGone(name))
    const mirrored = { archive, targets: copiedTo(item) }
    const first = await look.standing(saved)
    const isThere = (digest: Digest): boolean => first.present.has(digest) || comingBack.has(digest)
    const loaded = await withMirrored(saved, isThere, mirrored)
    const standing = loaded === saved ? first : await look.standing(loaded)
    const found = await blobsAt(loaded, standing, mirrored)
    const circumstances = { claims, overwriteTags, comingBack, hint: hintOf(mirrored) }
    const decision = decide(loaded, { ...standing, mirrored: found }, circumstances)
    if (decision.steps.length > 0 && project !== 'unknown' && project.registry_id > 0) {
      return nothing(notes.proxyCache(name))
    }
    if (isWhole(decision) || byName || isDue(item)) return decision
    return { steps: [], notes: [item.restored ? notes.goneAgain() : notes.notDeleted()], expected: [] }
  } catch (error) {
    if (error instanceof HarborError) return nothing(notes.requestFailed(error))
    throw error
  }
}

function isWhole({ steps, notes: said }: Decision): boolean {
  return steps.length === 0 && !said.some((note) => notes.isTrouble(note))
}
