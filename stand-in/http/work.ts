// What answering a list took, noted where it is done, so that a cost model can charge for it.
export interface Work {
  list: ListWork | ArtifactWork | null
}

export interface ListWork {
  readonly of: 'repositories' | 'projects' | 'others'
  readonly returned: number
}

export interface ArtifactWork {
  readonly of: 'artifacts'
  readonly scope: 'repository' | 'project'
  /** How many artifacts there are in the repository or project. */
  readonly scopeSize: number
  /** How many ids a condition on ids spans; null without one. */
  readonly window: number | null
  /** `base=*`: children too, which spares the database a look at all tags. */
  readonly wholeBase: boolean
  /** One row by id: the database walks all artifacts by id until it meets one of these. */
  readonly walk: boolean
  readonly returned: number
  /** Looked up for each artifact in the answer. */
  readonly tags: boolean
  readonly labels: boolean
  readonly accessories: boolean
  /** Tags beyond the first of each artifact. */
  readonly furtherTags: number
  /** Tags whose immutability was asked. */
  readonly checkedTags: number
}

export function noWork(): Work {
  return { list: null }
}
