// Lists of artifacts, of a repository and of a project.
import { type Exchange, flag, projectOfPath, repositoryName } from '../http/exchange.ts'
import { pageHeaders, pageOf, slice } from '../http/page.ts'
import { type Reply, json } from '../http/reply.ts'
import { type Route, projectIdOfPath, requireIn } from '../http/router.ts'
import type { ArtifactWork } from '../http/work.ts'
import type { Artifact, Project, Repository } from '../state/model.ts'
import { type Detail, artifactJson } from './artifact-json.ts'
import { selectArtifacts } from './artifact-selection.ts'
import { type Keywords, type Sort, parseQ, parseSort } from './q.ts'

export const artifactListRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/projects/:projectName/repositories/:repository/artifacts',
    need: 'project artifact:list',
    handle: listOfRepository,
  },
  {
    method: 'GET',
    path: '/projects/:project/artifacts',
    need: 'login',
    handle: listOfProject,
    since: '2.15.1',
  },
]

function listOfRepository(exchange: Exchange): Reply {
  // An unknown repository is an empty one (recording 045).
  return listArtifacts(exchange, exchange.registry.findRepository(repositoryName(exchange)))
}

function listOfProject(exchange: Exchange): Reply {
  const { registry, caller } = exchange
  requireIn(registry, caller, { project: projectIdOfPath(exchange), resource: 'artifact', action: 'list' })
  return listArtifacts(exchange, projectOfPath(exchange))
}

interface Listing {
  readonly scope: Repository | Project
  readonly keywords: Keywords
  readonly sorts: readonly Sort[]
  readonly shown: readonly Artifact[]
  readonly detail: Detail
  readonly size: number
}

function listArtifacts(exchange: Exchange, scope: Repository | Project | undefined): Reply {
  const { registry, query, work } = exchange
  const page = pageOf(exchange)
  const isKnown = (key: string): boolean => registry.version === '2.15.1' || key !== 'artifact_type'
  const keywords = new Map([...parseQ(query.get('q'))].filter(([key]) => isKnown(key)))
  const sorts = parseSort(query.get('sort')).filter(({ key }) => isKnown(key))
  const selected = scope === undefined ? [] : selectArtifacts(scope, keywords, sorts)
  const shown = slice(selected, page)
  const detail = detailOf(exchange)
  if (scope !== undefined) {
    work.list = artifactWork({ scope, keywords, sorts, shown, detail, size: page.size })
  }
  return json(
    shown.map((artifact) => artifactJson(registry, artifact, detail)),
    pageHeaders(exchange, page, selected.length),
  )
}

/** Tags come unless refused, the rest only when asked for. */
export function detailOf(exchange: Exchange): Detail {
  return {
    tags: flag(exchange, 'with_tag', true),
    labels: flag(exchange, 'with_label'),
    immutableStatus: flag(exchange, 'with_immutable_status'),
    accessories: flag(exchange, 'with_accessory'),
    scanOverview: flag(exchange, 'with_scan_overview'),
  }
}

function artifactWork({ scope, keywords, sorts, shown, detail, size }: Listing): ArtifactWork {
  const window = keywords.get('id')
  const base = keywords.get('base')
  const tags = shown.reduce((sum, artifact) => sum + artifact.tags.length, 0)
  return {
    of: 'artifacts',
    scope: 'artifacts' in scope ? 'repository' : 'project',
    scopeSize: 'artifacts' in scope ? scope.artifacts.size : artifactsOf(scope),
    window: window?.kind === 'range' ? Number(window.max ?? Infinity) - Number(window.min ?? 0) + 1 : null,
    wholeBase: base?.kind === 'exact' && base.value === '*',
    walk: size === 1 && sorts[0]?.key === 'id',
    returned: shown.length,
    tags: detail.tags,
    labels: detail.labels,
    accessories: detail.accessories,
    furtherTags: detail.tags ? Math.max(0, tags - shown.length) : 0,
    checkedTags: detail.immutableStatus ? tags : 0,
  }
}

function artifactsOf({ repositories }: Project): number {
  let count = 0
  for (const { artifacts } of repositories.values()) count += artifacts.size
  return count
}
