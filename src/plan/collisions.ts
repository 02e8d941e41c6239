import type { Digest } from '../inventory/types.ts'
import { isRepositoryName } from './mirror.ts'
import type { Action, Copy, PlanProblem } from './types.ts'

/** Copies that can't all be: a target that registries don't take as a name, two images on one tag of one target. */
export function copyProblems(actions: readonly Action[], prefix: string): readonly PlanProblem[] {
  const copies = actions.filter((action): action is Copy => action.kind === 'copy')
  return [...targetProblems(copies, prefix), ...collisions(copies)]
}

function* targetProblems(copies: readonly Copy[], prefix: string): Generator<PlanProblem> {
  const sources = new Map(copies.map(({ target, repository }) => [target, repository]))
  for (const [target, repository] of sources) {
    if (isRepositoryName(target.slice(prefix.length))) continue
    yield {
      code: 'copy-target',
      message: `${repository} would be copied to \`${target}\`, which is no name of a repository; see mirror.repository and mirror.replace`,
    }
  }
}

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
