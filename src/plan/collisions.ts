import type { Digest } from '../inventory/types.ts'
import { isRepositoryName } from '../shared/repository.ts'
import type { Action, Copy, PlanProblem } from './types.ts'

/** Where images are copied from and to. */
export interface Sides {
  readonly harborUrl: string
  /** The mirror's host and path, with a slash at the end; empty when there is none. */
  readonly prefix: string
}

/**
 * Copies that can't all be, or that would be none: a target that registries don't take as a name, one in this Harbor
 * that the plan deletes from, two images on one tag of one target.
 */
export function copyProblems(
  actions: readonly Action[],
  { harborUrl, prefix }: Sides,
): readonly PlanProblem[] {
  const copies = actions.filter((action): action is Copy => action.kind === 'copy')
  const isHarbor = prefix.startsWith(`${hostOf(harborUrl)}/`)
  return [...targetProblems(copies, prefix), ...(isHarbor ? copiesInto(actions) : []), ...collisions(copies)]
}

/**
 * What would be wrong with the copies if the mirror were the Harbor that they come from: an image copied onto itself,
 * which is verified there and then deleted, the only one; or to where the same plan deletes.
 */
export function copiesInto(actions: readonly Action[]): readonly PlanProblem[] {
  const cleaned = new Set(actions.flatMap(({ kind, repository }) => (kind === 'copy' ? [] : [repository])))
  const targets = new Map(
    actions.flatMap((action) =>
      action.kind === 'copy' ? [[action.target, action.repository] as const] : [],
    ),
  )
  return [...targets].flatMap(([target, repository]) => {
    const own = target.slice(target.indexOf('/') + 1)
    if (own !== repository && !cleaned.has(own)) return []
    const what = own === repository ? 'itself' : `${own} of the same Harbor, where this plan deletes`
    const message = `${repository} would be copied onto ${what}; give another mirror-registry, or see mirror.repository and mirror.replace`
    return [{ code: 'copy-target', message }]
  })
}

function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
}

function* targetProblems(copies: readonly Copy[], prefix: string): Generator<PlanProblem> {
  const sources = new Map(copies.map(({ target, repository }) => [target, repository]))
  for (const [target, repository] of sources) {
    const name = prefix === '' ? target : target.slice(target.indexOf('/') + 1)
    const isLong = target.length > LONGEST
    if (isRepositoryName(name) && !isLong) continue
    const what = isLong
      ? `is ${target.length} characters long, over ${LONGEST}`
      : 'is no name of a repository'
    const places = `${prefix === '' ? '' : 'mirror-registry, '}mirror.repository and mirror.replace`
    yield {
      code: 'copy-target',
      message: `${repository} would be copied to \`${target}\`, which ${what}; see ${places}`,
    }
  }
}

/** Of a name with its host: skopeo takes none that is longer (1.9.3), registries none without it. */
const LONGEST = 255

function* collisions(copies: readonly Copy[]): Generator<PlanProblem> {
  const taken = new Map<string, { readonly repository: string; readonly digest: Digest }>()
  for (const { target, tags, repository, digest } of copies) {
    for (const tag of tags) {
      const reference = `${target}:${tag}`
      const other = taken.get(reference)
      if (other !== undefined && other.digest !== digest) {
        yield {
          code: 'copy-collision',
          message: `${other.repository}:${tag} and ${repository}:${tag} are different images and would both be copied to ${reference}; see mirror.replace`,
        }
      }
      taken.set(reference, { repository, digest })
    }
  }
}
