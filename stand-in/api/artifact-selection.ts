// Which artifacts a list selects, and in which order. A selection is kept until something in its repository or
// project changes, so that paging through 100,000 artifacts doesn't look at all of them for every page; a range
// of ids is cut out of it by binary search.
import { badRequest } from '../state/error.ts'
import type { Artifact, Project, Repository } from '../state/model.ts'
import { type Order, columns, order, predicates, read } from './columns.ts'
import type { Condition, Keywords, Sort, Value } from './q.ts'

const ID = { name: 'id', alias: 'ID', value: ({ id }: Artifact) => id, type: 'integer' } as const
const COLUMNS = columns<Artifact>(
  ID,
  { name: 'type', alias: 'Type', value: ({ type }) => type },
  { name: 'media_type', alias: 'MediaType', value: ({ mediaType }) => mediaType },
  {
    name: 'manifest_media_type',
    alias: 'ManifestMediaType',
    value: ({ manifestMediaType }) => manifestMediaType,
  },
  { name: 'artifact_type', alias: 'ArtifactType', value: ({ artifactType }) => artifactType },
  {
    name: 'project_id',
    alias: 'ProjectID',
    value: ({ repository }) => repository.project.id,
    type: 'integer',
  },
  { name: 'repository_id', alias: 'RepositoryID', value: ({ repository }) => repository.id, type: 'integer' },
  { name: 'repository_name', alias: 'RepositoryName', value: ({ repository }) => repository.name },
  { name: 'digest', alias: 'Digest', value: ({ digest }) => digest },
  { name: 'size', alias: 'Size', value: ({ size }) => size, type: 'bigint' },
  { name: 'push_time', alias: 'PushTime', value: ({ pushed }) => pushed, type: 'time' },
  { name: 'pull_time', alias: 'PullTime', value: ({ pulled }) => pulled, type: 'time' },
)

const NEWEST_FIRST: Order<Artifact> = (a, b) => b.pushed - a.pushed || b.id - a.id

/** Selections kept for one repository or project; the oldest goes first. */
const KEPT = 12

interface Kept {
  changes: number
  readonly selections: Map<string, readonly Artifact[]>
}

const kept = new WeakMap<Repository | Project, Kept>()

export function selectArtifacts(
  scope: Repository | Project,
  keywords: Keywords,
  sorts: readonly Sort[],
): readonly Artifact[] {
  const window = keywords.get('id')
  const byId = sorts.length === 1 && sorts[0]?.key === 'id'
  if (window?.kind !== 'range') return selection(scope, keywords, sorts)
  const others = new Map([...keywords].filter(([key]) => key !== 'id'))
  const inWindow = cut(selection(scope, others, [{ key: 'id', descending: false }]), window)
  if (!byId) return inWindow.toSorted(order(COLUMNS, sorts, NEWEST_FIRST))
  return sorts[0]?.descending === true ? inWindow.toReversed() : inWindow
}

function selection(
  scope: Repository | Project,
  keywords: Keywords,
  sorts: readonly Sort[],
): readonly Artifact[] {
  const state = keptFor(scope)
  const key = JSON.stringify([[...keywords], sorts])
  const known = state.selections.get(key)
  if (known !== undefined) return known
  const filters = [...predicates(COLUMNS, keywords), ...artifactPredicates(keywords)]
  const selected = everyArtifact(scope).filter((artifact) => filters.every((matches) => matches(artifact)))
  const isById = sorts.length === 1 && sorts[0]?.key === 'id' && !sorts[0].descending
  if (!isById) selected.sort(order(COLUMNS, sorts, NEWEST_FIRST))
  const oldest = state.selections.keys().next().value
  if (state.selections.size >= KEPT && oldest !== undefined) state.selections.delete(oldest)
  state.selections.set(key, selected)
  return selected
}

function keptFor(scope: Repository | Project): Kept {
  let state = kept.get(scope)
  if (state?.changes !== scope.changes) {
    state = { changes: scope.changes, selections: new Map() }
    kept.set(scope, state)
  }
  return state
}

/** By id, as they are in each repository. */
function everyArtifact(scope: Repository | Project): Artifact[] {
  if ('artifacts' in scope) return [...scope.artifacts.values()]
  return [...scope.repositories.values()]
    .flatMap(({ artifacts }) => [...artifacts.values()])
    .toSorted((a, b) => a.id - b.id)
}

/** The conditions that aren't about a column of the artifact itself. */
function artifactPredicates(keywords: Keywords): ((artifact: Artifact) => boolean)[] {
  const result = [({ accessoryOf }: Artifact) => accessoryOf === null]
  const base = keywords.get('base')
  if (base === undefined) {
    result.push(({ tags, parents }) => tags.length > 0 || parents.length === 0)
  } else if (base.kind !== 'exact' || base.value !== '*') {
    throw badRequest('the value of "base" query can only be exact match value with "*"')
  }
  const tags = keywords.get('tags') ?? keywords.get('Tags')
  if (tags !== undefined) result.push(tagPredicate(tags))
  const labels = keywords.get('labels') ?? keywords.get('Labels')
  if (labels !== undefined) result.push(labelPredicate(labels))
  return result
}

function tagPredicate(condition: Condition): (artifact: Artifact) => boolean {
  if (condition.kind === 'fuzzy') return ({ tags }) => tags.some(({ name }) => name.includes(condition.value))
  if (condition.kind !== 'exact') {
    throw badRequest('the value of "tags" query can only be fuzzy match value or exact match value')
  }
  if (condition.value === '*') return ({ tags }) => tags.length > 0
  if (condition.value === 'nil') return ({ tags }) => tags.length === 0
  return ({ tags }) => tags.some(({ name }) => name === condition.value)
}

function labelPredicate(condition: Condition): (artifact: Artifact) => boolean {
  if (condition.kind !== 'and' || !condition.values.every((value) => typeof value === 'number')) {
    throw badRequest('the value of "labels" query can only be integer list with intersetion relationship')
  }
  return ({ labels }) => condition.values.every((wanted) => labels.some(({ id }) => id === wanted))
}

function cut(
  byId: readonly Artifact[],
  { min, max }: { min: Value | null; max: Value | null },
): readonly Artifact[] {
  const from = min === null ? 0 : firstFrom(byId, Number(read(ID, min)))
  const to = max === null ? byId.length : firstFrom(byId, Number(read(ID, max)) + 1)
  return byId.slice(from, to)
}

/** Where the first artifact with that id or a later one is. */
function firstFrom(byId: readonly Artifact[], id: number): number {
  let low = 0
  let high = byId.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((byId[middle]?.id ?? 0) < id) low = middle + 1
    else high = middle
  }
  return low
}
