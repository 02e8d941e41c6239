import type { Digest, Inventory } from '../inventory/types.ts'
import { copyName } from '../plan/copies.ts'
import type { Action } from '../plan/types.ts'
import type { Removal } from './types.ts'

/** An action, and those that have to be done before it. */
export interface Step {
  readonly action: Action
  readonly after: readonly Wait[]
}

interface Wait {
  /** Undefined when the plan doesn't have it: then it is waited for in vain. */
  readonly action: Action | undefined
  readonly otherwise: string
}

/**
 * Actions in an order in which Harbor takes them, each behind what it waits for: an index is deleted before its
 * children that go by themselves, what follows subjects after them, and what is archived after its copy.
 */
export function inSteps(actions: readonly Action[], { repositories }: Inventory): readonly Step[] {
  const parents = new Map<string, Digest[]>()
  for (const { name, artifacts } of repositories) {
    for (const { digest, children } of artifacts) {
      for (const child of children) append(parents, `${name}@${child}`, digest)
    }
  }
  const takers = new Map<string, Removal>()
  for (const action of actions) {
    if (action.kind !== 'delete-artifact') continue
    for (const digest of [...action.children, ...action.accessories]) {
      takers.set(`${action.repository}@${digest}`, action)
    }
  }
  for (const action of actions) {
    if (action.kind === 'delete-artifact') takers.set(`${action.repository}@${action.digest}`, action)
  }
  const copies = new Map(
    actions.flatMap((action) => (action.kind === 'copy' ? [[copyName(action), action] as const] : [])),
  )
  const waitsFor = (action: Action): Step['after'] => {
    if (action.kind === 'copy') return []
    const isMirrored = { otherwise: 'it is not known to be at the mirror' }
    const copying = action.after === undefined ? [] : [{ action: copies.get(action.after), ...isMirrored }]
    const takerOf = (digest: Digest): readonly Removal[] => {
      const taker = takers.get(`${action.repository}@${digest}`)
      return taker === undefined || taker === action ? [] : [taker]
    }
    const leaderOf = (digest: Digest): Step['after'] => {
      const taker = takers.get(`${action.repository}@${digest}`)
      const otherwise = 'the image that it belongs to was not deleted by this'
      return taker === action ? [] : [{ action: taker, otherwise }]
    }
    const indexes =
      action.kind === 'delete-tag' ? [] : (parents.get(`${action.repository}@${action.digest}`) ?? [])
    return [
      ...copying,
      ...indexes
        .flatMap(takerOf)
        .map((taker) => ({ action: taker, otherwise: 'an index that holds it was not deleted by this' })),
      ...(action.follows ?? []).flatMap(leaderOf),
    ]
  }
  const steps = new Map<Action, Step>()
  const place = (action: Action): void => {
    if (steps.has(action) || placing.has(action)) return
    placing.add(action)
    const after = waitsFor(action)
    for (const { action: first } of after) if (first !== undefined) place(first)
    // In a ring the one that was asked for first can't wait for the others.
    const waits = after.filter(({ action: first }) => first === undefined || steps.has(first))
    steps.set(action, { action, after: waits })
  }
  const placing = new Set<Action>()
  for (const action of actions) place(action)
  return [...steps.values()]
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
