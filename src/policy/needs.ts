import type { Policy, Select } from './types.ts'

/** What a policy has to know of a registry to decide by it. */
export interface Needs {
  /** Repositories that some rule or protection can select, within the policy's scope. */
  readonly repository: (name: string) => boolean
  readonly project: (name: string) => boolean
  readonly labels: boolean
  /** Accessories of every artifact, since `signed` asks for them. */
  readonly accessories: boolean
  /** Cosign tags whose subject is gone. */
  readonly orphans: boolean
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
      (scope.repositories?.matches(name) ?? true) &&
      selects.some((select) => selectsRepository(select, name)),
    labels: asks('labels'),
    accessories: asks('signed'),
    orphans: selects.some(({ family }) => family === 'orphans'),
  }
}

/** Whether a select can hold for anything in a repository. */
export function selectsRepository({ projects, repositories }: Select, repository: string): boolean {
  const project = repository.slice(0, repository.indexOf('/'))
  return (projects?.matches(project) ?? true) && (repositories?.matches(repository) ?? true)
}
