// Prices of a real Harbor v2.15.1: core, PostgreSQL 15 and redis on two cores, 68,000 to 221,000 artifacts. They
// are given as measured, in wall milliseconds a request at four connections, which keep both cores busy: one
// request takes one of two cores for twice that. Measured again and again, they repeat within 3% or so.
import type { CostModel, Priced } from './costs.ts'
import type { ArtifactWork } from './work.ts'

export const MEASURED = {
  /** Authentication, routing, a COUNT and a SELECT that find next to nothing. */
  request: 1.03,
  ping: 0.16,
  systemInfo: 0.75,

  artifact: 0.071,
  artifactTags: 0.036,
  artifactLabels: 0.03,
  artifactAccessories: 0.03,
  furtherTag: 0.002,
  checkedTag: 0.08,

  /** For each artifact of a repository that is paged through, whatever the page. */
  pagedArtifact: 0.0009,
  /** Without `base=*`, when the repository has more than one in so many of all tags … */
  hashFrom: 1 / 400,
  /** … all tags are put into a hash, and the repository's artifacts looked up in it. */
  hash: 9,
  hashedTag: 0.000115,
  probedArtifact: 0.0008,
  /** A repository that is most of all there is, is read in sequence, which costs so much of that. */
  inSequence: 0.45,

  /** A project's artifacts aren't indexed: its pages go by the size of the whole table. */
  projectArtifact: 0.00005,
  projectHashedTag: 0.00028,

  /** For each id that a window spans beyond those in it. */
  passedId: 0.00015,
  /** For each artifact there is, when one row is asked for by id. */
  walkedArtifact: 0.00006,

  repository: 0.1,
  project: 0.3,

  manifest: 3.5,
  blob: 4.2,
  lookedForBlob: 3,
  /** What clients ask first, without credentials. */
  registry: 0.5,
  token: 4.5,
  deletedTag: 1.35,
  deletedArtifact: 2.6,
} as const

/** Of two connections each gets less than half of what four get together: a request also waits for itself. */
const IDLE = 0.5
const CORES = 2

export const HARBOR_COSTS: CostModel = {
  cores: CORES,
  idle: IDLE,
  price: (request) => CORES * milliseconds(request),
}

function milliseconds(request: Priced): number {
  const { list } = request.work
  if (list === null) return single(request)
  if (list.of === 'artifacts') {
    return (
      MEASURED.request +
      rows(list) +
      selecting(list, request.registry.artifactCount, request.registry.tagCount)
    )
  }
  const each = { repositories: MEASURED.repository, projects: MEASURED.project, others: 0 }[list.of]
  return MEASURED.request + each * list.returned
}

const SINGLE: readonly (readonly [pattern: RegExp, price: number])[] = [
  [/^GET \/api\/v2\.0\/ping/, MEASURED.ping],
  [/^GET \/api\/v2\.0\/systeminfo/, MEASURED.systemInfo],
  [/^(?:GET|HEAD) \/v2\/.+\/manifests\//, MEASURED.manifest],
  [/^GET \/v2\/.+\/blobs\//, MEASURED.blob],
  [/^HEAD \/v2\/.+\/blobs\//, MEASURED.lookedForBlob],
  [/^GET \/v2\/(?:$|\?)/, MEASURED.registry],
  [/^GET \/service\/token/, MEASURED.token],
  [/^DELETE \/api\/v2\.0\/.+\/tags\//, MEASURED.deletedTag],
  [/^DELETE \/api\/v2\.0\/.+\/artifacts\//, MEASURED.deletedArtifact],
]

function single({ method, path }: Priced): number {
  const request = `${method} ${path}`
  return SINGLE.find(([pattern]) => pattern.test(request))?.[1] ?? MEASURED.request
}

function rows(list: ArtifactWork): number {
  const each =
    MEASURED.artifact +
    (list.tags ? MEASURED.artifactTags : 0) +
    (list.labels ? MEASURED.artifactLabels : 0) +
    (list.accessories ? MEASURED.artifactAccessories : 0)
  return (
    each * list.returned + MEASURED.furtherTag * list.furtherTags + MEASURED.checkedTag * list.checkedTags
  )
}

function selecting(list: ArtifactWork, artifacts: number, tags: number): number {
  if (list.window !== null) {
    const passed = Math.min(list.window, artifacts) - list.returned
    return MEASURED.passedId * Math.max(0, passed)
  }
  const walk = list.walk ? MEASURED.walkedArtifact * artifacts : 0
  if (list.scope === 'project') {
    const hash = list.wholeBase ? 0 : MEASURED.projectHashedTag * tags
    return walk + MEASURED.projectArtifact * artifacts + hash
  }
  const isHashed = !list.wholeBase && list.scopeSize > tags * MEASURED.hashFrom
  const read = list.scopeSize * (list.scopeSize > artifacts / 2 ? MEASURED.inSequence : 1)
  const hash = MEASURED.hash + MEASURED.hashedTag * tags + MEASURED.probedArtifact * read
  return walk + MEASURED.pagedArtifact * read + (isHashed ? hash : 0)
}
