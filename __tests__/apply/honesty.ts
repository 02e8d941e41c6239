// Whether what an apply tells is what happened.
import { takenBy } from '../helpers/carry-out.ts'
import { itemOf } from '../../src/bin/records.ts'
import type { Action } from '../../src/plan/types.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import type { Scene, Told } from './scene.ts'

/** Every tag and every artifact, by name. */
export function namesIn(registry: Registry): ReadonlySet<string> {
  return new Set(
    [...registry.repositories()].flatMap(({ name, artifacts }) =>
      [...artifacts.values()].flatMap((artifact) => [
        `${name}@${artifact.digest}`,
        ...tagsOn(artifact).map((tag) => `${name}:${tag}`),
      ]),
    ),
  )
}

/** cosign's tag on a signature that hangs on its subject is no name of its own. */
function tagsOn({ tags, accessoryOf }: Artifact): readonly string[] {
  const names = tags.map(({ name }) => name)
  const attached = (accessoryOf?.subject ?? null) !== null
  return attached ? names.filter((name) => !/^sha256-.*\.sig$/.test(name)) : names
}

/**
 * What is wrong with what was told: something is gone that nothing that was done took, something is still there that
 * was done, or gone although it wasn't.
 *
 * @param before the names before the apply, without what somebody else took away meanwhile
 */
export function dishonesty(
  { plan, registry }: Pick<Scene, 'plan' | 'registry'>,
  results: readonly Told[],
  before: ReadonlySet<string>,
): readonly string[] {
  const outcomes = new Map(results.map((told) => [nameOfTold(told), told.outcome]))
  const done = plan.actions.filter((action) => outcomes.get(itemOf(action)) === 'done')
  const others = plan.actions.filter((action) => outcomes.get(itemOf(action)) !== 'done')
  const now = namesIn(registry)
  const taken = takenBy({ ...plan, actions: done })
  const gone = [...before].filter((name) => !now.has(name))
  return [
    ...(outcomes.size === plan.actions.length
      ? []
      : [`${outcomes.size} of ${plan.actions.length} are told of`]),
    ...gone.filter((name) => !taken.has(name)).map((name) => `gone, and was not to: ${name}`),
    ...done
      .flatMap(ownNames)
      .filter((name) => now.has(name))
      .map((name) => `done, and is there: ${name}`),
    ...others
      .flatMap(ownNames)
      .filter((name) => before.has(name) && !now.has(name))
      .map((name) => `not done, and is gone: ${name}`),
  ]
}

function nameOfTold({ tags, ...told }: Told): string {
  const [tag] = tags
  return itemOf(told.kind === 'delete-tag' && tag !== undefined ? { ...told, tag } : told)
}

/** What only this action takes. */
function ownNames(action: Action): readonly string[] {
  const { repository } = action
  if (action.kind === 'copy') return []
  return action.kind === 'delete-tag'
    ? [`${repository}:${action.tag}`]
    : [`${repository}@${action.digest}`, ...action.tags.map((tag) => `${repository}:${tag}`)]
}
