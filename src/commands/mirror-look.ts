import { HarborError } from '../harbor/errors.ts'
import { Hangings } from '../inventory/hanging.ts'
import type { Inventory } from '../inventory/types.ts'
import { lookAtMirror } from '../mirror/look.ts'
import { copyName } from '../plan/copies.ts'
import { withMirror } from '../plan/mirrored.ts'
import type { Plan } from '../plan/types.ts'
import type { Policy } from '../policy/types.ts'
import { counted } from '../report/words.ts'
import type { Host } from '../shells/host.ts'
import { harborAt, LOOKS, type MirrorConnection } from './mirror-connection.ts'

/**
 * The plan held against the mirror, where there is one and something is copied. A mirror that can't be read makes no
 * plan fail: it is told, and an apply looks for itself.
 */
export async function heldAgainstMirror(
  plan: Plan,
  inventory: Inventory,
  { overwrite }: Policy['mirror'],
  { mirror, width, host }: Holding,
): Promise<Plan> {
  const copies = plan.actions.filter((action) => action.kind === 'copy')
  if (copies.length === 0 || mirror === undefined) return plan
  host.progress(`looking at the mirror for ${counted(copies.length, 'image')}`)
  const hangings = new Hangings(inventory)
  const sought = copies.map((copy) => ({
    ...copy,
    hanging: hangings.of(copy.repository, copy.accessories),
  }))
  const found = await lookAtMirror(sought, {
    registry: mirror.registry,
    width: LOOKS * width,
    // Only where a tag would be moved it matters whether it can be.
    ...(overwrite === 'always' ? { isImmutable: immutability(mirror) } : {}),
  })
  const seen = new Map([...found].map(([copy, each]) => [copyName(copy), each]))
  return withMirror(plan, inventory, { url: mirror.url, overwrite, seen })
}

export interface Holding {
  /** Undefined where there is none. */
  readonly mirror: MirrorConnection | undefined
  /** Images looked at side by side. */
  readonly width: number
  readonly host: Host
}

/** Asks a mirror that is a Harbor for its rules; of any other nothing is known. */
function immutability(connection: MirrorConnection): (target: string, tag: string) => Promise<boolean> {
  const harbor = harborAt(connection)
  let isHarbor: Promise<boolean> | undefined
  const orNot = async (answer: Promise<boolean> | undefined): Promise<boolean> => {
    try {
      return (await answer) ?? false
    } catch (error) {
      if (error instanceof HarborError) return false
      throw error
    }
  }
  return async (target, tag) => {
    isHarbor ??= orNot(harbor?.account().then(() => true))
    if (harbor === undefined || !(await isHarbor)) return false
    const repository = target.slice(target.indexOf('/') + 1)
    return orNot(
      harbor
        .findArtifact(repository, tag)
        .then(
          (found) => found?.tags.some(({ name, immutable }) => name === tag && immutable === true) ?? false,
        ),
    )
  }
}
