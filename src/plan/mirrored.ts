import type { Digest, Inventory } from '../inventory/types.ts'
import type { Mirror } from '../policy/types.ts'
import { copySizes, type CopySize } from './copy-size.ts'
import { copyName } from './copies.ts'
import type { Copy, Plan, PlanTarget, TargetState } from './types.ts'

/** What was seen of a copy's target, or why nothing was. */
export type Seen = Standing | { readonly why: string }

export interface Standing {
  /** What each of the copy's tags stands on there. */
  readonly tags: ReadonlyMap<string, Digest | null>
  /** Whether the image is there, and all that hangs on it, as far as it was looked for. */
  readonly image: boolean
  /** `taken`: a tag that would attach some of it is another's. */
  readonly accessories: 'hangs' | 'missing' | 'taken'
  /** Tags that a rule there keeps where they are, and lists of referrers. */
  readonly immutable: readonly string[]
}

/** A mirror that was looked at. */
export interface Looked {
  readonly url: string
  readonly overwrite: Mirror['overwrite']
  /** By the names of the copies. */
  readonly seen: ReadonlyMap<string, Seen>
}

/** The plan with what the mirror has of what would be copied. Its actions and its id stay as they are. */
export function withMirror(plan: Plan, { repositories }: Inventory, { url, overwrite, seen }: Looked): Plan {
  const copies = plan.actions.filter((action) => action.kind === 'copy')
  const copied = new Set(copies.map(({ repository }) => repository))
  const sizes = new Map(
    repositories.filter(({ name }) => copied.has(name)).map((each) => [each.name, copySizes(each)]),
  )
  const targets = copies.map((copy) =>
    targetOf(copy, {
      seen: seen.get(copyName(copy)) ?? { why: 'it was not looked at' },
      size: sizes.get(copy.repository)?.(copy) ?? { image: 0, accessories: 0 },
      overwrite,
    }),
  )
  const count = (state: TargetState): number => targets.filter((target) => target.state === state).length
  const mirror = {
    url,
    overwrite,
    new: count('new'),
    update: count('update'),
    same: count('same'),
    blocked: count('blocked'),
    unknown: count('unknown'),
  }
  const copyBytes = targets.reduce((sum, { bytes }) => sum + bytes, 0)
  return { ...plan, totals: { ...plan.totals, copyBytes }, mirror, targets }
}

/** How many of a plan's actions would change something, as far as is known. */
export function changesOf({
  actions,
  targets,
  mirror,
}: Pick<Plan, 'actions' | 'targets' | 'mirror'>): number {
  return actions.length - targets.filter(({ state }) => isIdle(state, mirror?.overwrite)).length
}

/** Whether nothing comes of a copy, and nothing is wrong with that. */
export function isIdle(state: TargetState, overwrite: Mirror['overwrite'] | undefined): boolean {
  return state === 'same' || (overwrite === 'never' && isRefused(state, overwrite))
}

/** Whether a copy can't be made since another image has its tag at the mirror. */
export function isRefused(state: TargetState, overwrite: Mirror['overwrite'] | undefined): boolean {
  return state === 'blocked' || (state === 'update' && overwrite !== 'always')
}

interface Circumstances {
  readonly seen: Seen
  readonly size: CopySize
  readonly overwrite: Mirror['overwrite']
}

function targetOf(copy: Copy, { seen, size, overwrite }: Circumstances): PlanTarget {
  const { repository, digest, target } = copy
  const names = { repository, digest, target }
  if ('why' in seen) {
    return { ...names, state: 'unknown', tags: {}, bytes: size.image + size.accessories, why: seen.why }
  }
  const state = stateOf(copy, seen)
  const isSent = state === 'new' || (state === 'update' && overwrite === 'always')
  const bytes = (seen.image ? 0 : size.image) + (seen.accessories === 'hangs' ? 0 : size.accessories)
  return { ...names, state, tags: Object.fromEntries(seen.tags), bytes: isSent ? bytes : 0, why: '' }
}

function stateOf({ digest, tags }: Copy, seen: Standing): TargetState {
  const elsewhere = tags.filter((tag) => (seen.tags.get(tag) ?? digest) !== digest)
  if (elsewhere.length > 0) {
    return elsewhere.some((tag) => seen.immutable.includes(tag)) ? 'blocked' : 'update'
  }
  const isTagged = tags.every((tag) => seen.tags.get(tag) === digest)
  if (seen.accessories === 'taken') return 'update'
  return isTagged && seen.image && seen.accessories === 'hangs' ? 'same' : 'new'
}
