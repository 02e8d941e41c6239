// Immutable tags: a rule looks at the first repository pattern and the first tag pattern only.
import { matches } from './doublestar.ts'
import { precondition } from './error.ts'
import type { ImmutableRule, Repository, Selector, Tag } from './model.ts'
import { withinProject } from './registry.ts'

export function isImmutable(repository: Repository, tagName: string): boolean {
  return repository.project.immutableRules.some((rule) => applies(rule, repository, tagName))
}

function applies(rule: ImmutableRule, repository: Repository, tagName: string): boolean {
  if (rule.disabled) return false
  return selects(rule.repositories[0], withinProject(repository)) && selects(rule.tags[0], tagName)
}

function selects(selector: Selector | undefined, name: string): boolean {
  if (selector === undefined) return false
  const excludes = selector.decoration === 'excludes' || selector.decoration === 'repoExcludes'
  return matches(selector.pattern, name) !== excludes
}

export function refuseImmutable(repository: Repository, tags: readonly Tag[], verb: string): void {
  const immutable = tags.find((tag) => isImmutable(repository, tag.name))
  if (immutable !== undefined) {
    throw precondition(`the tag ${immutable.name} configured as immutable, cannot be ${verb}`)
  }
}
