import { projectOf } from '../shared/repository.ts'
import type { Policy, Select } from './types.ts'

/** What is to be read of a registry. */
export interface Needs {
  /** For a policy: what some rule or protection can select, within its scope. */
  readonly repository: (name: string) => boolean
  readonly project: (name: string) => boolean
  readonly labels: boolean
  /** Build times. */
  readonly created: boolean
  /** Accessories of every artifact. */
  readonly accessories: boolean
  /** Cosign tags whose subject is gone, also those that no list of artifacts has. */
  readonly orphans: boolean
  /** Projects that are caches of other registries. */
  readonly proxyCaches: boolean
}

/** Everything: what counting bytes takes, since blobs are shared across repositories and projects. */
export const EVERYTHING: Needs = {
  project: () => true,
  repository: () => true,
  labels: false,
  created: false,
  accessories: true,
  orphans: true,
  proxyCaches: true,
}

/** What either needs: what is to be read once for both. */
export function unionOf(one: Needs, other: Needs): Needs {
  return {
    project: (name) => one.project(name) || other.project(name),
    repository: (name) => one.repository(name) || other.repository(name),
    labels: one.labels || other.labels,
    created: one.created || other.created,
    accessories: one.accessories || other.accessories,
    orphans: one.orphans || other.orphans,
    proxyCaches: one.proxyCaches || other.proxyCaches,
  }
}

/** Reads off a policy what has to be read of a registry, and what doesn't. */
export function needsOf({ scope, rules, protect }: Policy): Needs {
  const selects = [...rules, ...protect].map(({ select }) => select)
  const asks = (key: keyof Select): boolean => selects.some((select) => select[key] !== undefined)
  const project = (name: string): boolean =>
    (scope.projects?.matches(name) ?? true) && selects.some(({ projects }) => projects?.matches(name) ?? true)
  return {
    project,
    repository: (name) =>
      project(projectOf(name)) &&
      (scope.repositories?.matches(name) ?? true) &&
      selects.some((select) => selectsRepository(select, name)),
    labels: asks('labels'),
    created: asksForCreation({ rules, protect }),
    // What is copied takes along what hangs on it.
    accessories: asks('signed') || rules.some(({ copy }) => copy !== undefined),
    orphans: selects.some(({ family }) => family === 'orphans'),
    proxyCaches: false,
  }
}

function asksForCreation({ rules, protect }: Pick<Policy, 'rules' | 'protect'>): boolean {
  const conditions = [
    ...protect.flatMap((protection) => protection.conditions),
    ...rules.flatMap((rule) =>
      [rule.keep?.conditions, rule.delete, rule.archive, rule.copy].flatMap((list) => list ?? []),
    ),
  ]
  return (
    conditions.some(({ kind }) => kind === 'created-within' || kind === 'not-created-for') ||
    rules.some(({ keep }) => keep?.by === 'created')
  )
}

/** Whether a select can hold for anything in a repository. */
export function selectsRepository({ projects, repositories }: Select, repository: string): boolean {
  const project = projectOf(repository)
  return (projects?.matches(project) ?? true) && (repositories?.matches(repository) ?? true)
}
