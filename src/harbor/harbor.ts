import * as v from 'valibot'
import { decode } from './decode.ts'
import { contradicts } from './digest.ts'
import { NotFound, PreconditionFailed, UnexpectedAnswer } from './errors.ts'
import { textOf, type Answer, type Http } from './http.ts'
import { projectPath, repositoryPath } from './paths.ts'
import * as schemas from './schemas.ts'

/** One page of a list, and how long the list is as far as Harbor says (X-Total-Count). */
export interface Page<T> {
  readonly items: readonly T[]
  readonly total: number | undefined
}

/** Which artifacts are listed: of a repository (full name), or of a whole project (Harbor 2.12 or newer). */
export type Listing = { readonly repository: string } | { readonly project: string }

/** What is asked of each artifact besides its tags; each costs Harbor a query or more an artifact. */
export interface Details {
  readonly labels: boolean
  readonly accessories: boolean
  /** Whether each tag is immutable, evaluated by Harbor. */
  readonly immutability: boolean
}

/** Entries of a list by id, both ends included. */
export interface IdRange {
  readonly from?: number
  readonly to?: number
}

export interface Account {
  readonly kind: 'user' | 'robot'
  /** Harbor's version as it says it: `v2.15.1-1f5a1d6c`. */
  readonly version: string
  /** Where Harbor says that it is, whatever name it was reached by; empty where it doesn't say. */
  readonly externalUrl: string
  /** Whether Harbor refuses every change for now. */
  readonly readOnly: boolean
}

/** A manifest as it is kept: to put it back takes both. */
export interface Manifest {
  readonly bytes: Buffer
  readonly mediaType: string
}

export const PAGE_SIZE = 100
/** What manifests are asked for as: all formats in use, so that no registry converts one. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
].join(', ')
/** Project names that look like numbers are names all the same. */
const BY_NAME = { 'x-is-resource-name': 'true' }

/** Reads Harbor's API v2.0 and its registry. Every method throws HarborError. */
export class Harbor {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  get url(): string {
    return this.#http.url
  }

  /**
   * Makes sure that this is a Harbor and that it knows the account: with a wrong password Harbor 2 answers lists as
   * if nobody had asked. `/users/current` tells (200 a user, 412 a robot, 401 nobody; v2.10.3, v2.15.1).
   */
  async account(): Promise<Account> {
    const [info, kind] = await Promise.all([
      this.#get('/api/v2.0/systeminfo', schemas.systemInfo).catch((error: unknown) => {
        if (!(error instanceof NotFound)) throw error
        throw new UnexpectedAnswer(
          'NOT_HARBOR',
          'there is no Harbor of version 2 here; check harbor-url',
          error,
        )
      }),
      this.#get('/api/v2.0/users/current', v.object({ username: v.string() })).then(
        () => 'user' as const,
        (error: unknown) => {
          if (error instanceof PreconditionFailed) return 'robot' as const
          throw error
        },
      ),
    ])
    const { harbor_version: version = 'unknown', external_url: externalUrl, read_only: readOnly } = info
    return { kind, version, externalUrl, readOnly }
  }

  /**
   * Where Harbor says that it is, whatever name it was reached by; empty where it doesn't say: to nobody, and to whom its
   * API takes for nobody, which its registry may let in all the same.
   */
  async address(): Promise<string> {
    const { external_url: externalUrl } = await this.#get('/api/v2.0/systeminfo', schemas.systemInfo)
    return externalUrl
  }

  /** A page of `GET /projects` by id. */
  projects(range: IdRange = {}, descending = false): Promise<Page<schemas.ProjectAnswer>> {
    return this.#list(
      `/api/v2.0/projects?with_detail=false&${byId('project_id', range, descending)}`,
      schemas.project,
    )
  }

  /** `GET /projects/{project}`. */
  project(name: string): Promise<schemas.ProjectAnswer> {
    return this.#get(projectPath(name), schemas.project)
  }

  /** A page of `GET /projects/{project}/repositories` by id. */
  repositories(
    project: string,
    range: IdRange = {},
    descending = false,
  ): Promise<Page<schemas.RepositoryAnswer>> {
    return this.#list(
      `${projectPath(project)}/repositories?${byId('repository_id', range, descending)}`,
      schemas.repository,
    )
  }

  /** `GET …/repositories/{repository}`. */
  repository(name: string): Promise<schemas.RepositoryAnswer> {
    return this.#get(repositoryPath(name), schemas.repository)
  }

  /** `GET /projects/{project}/immutabletagrules`, all of them. */
  immutableRules(project: string): Promise<readonly schemas.ImmutableRuleAnswer[]> {
    return this.#pages(`${projectPath(project)}/immutabletagrules?sort=id`, schemas.immutableRule)
  }

  /**
   * A page of artifacts by id, children of indexes too (`q=base=*`), accessories not. Selecting by id costs the same
   * whatever the size of the repository, and nothing shifts when others are pushed or deleted meanwhile.
   *
   * @param descending the last ones of the range, from its end
   */
  artifacts(
    listing: Listing,
    details: Details,
    range: IdRange = {},
    descending = false,
  ): Promise<Page<schemas.ArtifactAnswer>> {
    const path = 'project' in listing ? projectPath(listing.project) : repositoryPath(listing.repository)
    return this.#list(
      `${path}/artifacts?${flagsOf(details)}&${byId('id', range, descending, 'base=*')}`,
      schemas.artifact,
    )
  }

  /** Artifacts of a repository by their digests, no more than a page of them. */
  async artifactsOf(
    repository: string,
    digests: readonly string[],
    details: Details,
  ): Promise<readonly schemas.ArtifactAnswer[]> {
    const query = listQuery('id', ['base=*', `digest={${digests.join(' ')}}`])
    const path = `${repositoryPath(repository)}/artifacts?${flagsOf(details)}&${query}`
    const { items } = await this.#list(path, schemas.artifact)
    return items
  }

  /** `GET …/artifacts/{reference}`, a digest or a tag: accessories and orphans too, which no list has. */
  artifact(
    repository: string,
    reference: string,
    { labels }: Pick<Details, 'labels'> = { labels: false },
  ): Promise<schemas.ArtifactAnswer> {
    const path = `${repositoryPath(repository)}/artifacts/${encodeURIComponent(reference)}`
    const flags = flagsOf({ labels, accessories: true, immutability: true })
    return this.#get(`${path}?${flags}`, schemas.artifact)
  }

  /** One artifact as `artifact` gives it; undefined where Harbor says that it isn't there. */
  async findArtifact(...wanted: Parameters<Harbor['artifact']>): Promise<schemas.ArtifactAnswer | undefined> {
    try {
      return await this.artifact(...wanted)
    } catch (error) {
      if (error instanceof NotFound) return undefined
      throw error
    }
  }

  /** `GET /v2/{repository}/tags/list`: every tag, also those on accessories and on orphans. */
  async allTags(repository: string): Promise<readonly string[]> {
    const { tags } = await this.#get(`/v2/${repository}/tags/list`, schemas.tagList)
    return tags
  }

  /**
   * A manifest, whose bytes are what its digest says. Asked for by this name, Harbor doesn't count it as a pull
   * (src/server/registry/manifest.go).
   */
  manifest(repository: string, digest: string): Promise<Manifest> {
    const headers = { accept: MANIFEST_TYPES, 'user-agent': 'harbor-registry-client' }
    return this.#http.read({ path: `/v2/${repository}/manifests/${digest}`, headers }, (answer) => ({
      bytes: contentOf(answer, digest, 'manifest'),
      mediaType: textOf(answer.headers['content-type']),
    }))
  }

  /**
   * Whether a repository has a blob. To be asked for keeps a blob from garbage collection for two hours (v2.10.3,
   * v2.15.1).
   */
  async hasBlob(repository: string, digest: string): Promise<boolean> {
    try {
      const path = `/v2/${repository}/blobs/${digest}`
      return await this.#http.read({ method: 'HEAD', path }, () => true)
    } catch (error) {
      if (error instanceof NotFound) return false
      throw error
    }
  }

  /** A blob, whole: for small ones. */
  blob(repository: string, digest: string): Promise<Buffer> {
    const path = `/v2/${repository}/blobs/${digest}`
    return this.#http.read({ path }, (answer) => contentOf(answer, digest, 'blob'))
  }

  /** What the account may do in a project, `artifact:delete` and the like. Empty may mean that Harbor doesn't say. */
  async permissions(projectId: number): Promise<ReadonlySet<string>> {
    const path = `/api/v2.0/users/current/permissions?scope=/project/${projectId}&relative=true`
    const granted = await this.#get(path, v.array(schemas.permission))
    return new Set(granted.map(({ resource, action }) => `${resource}:${action}`))
  }

  /** `GET /replication/policies`, all of them; for administrators and robots that may. */
  replicationPolicies(): Promise<readonly schemas.ReplicationPolicyAnswer[]> {
    return this.#pages('/api/v2.0/replication/policies?sort=id', schemas.replicationPolicy)
  }

  /** Garbage collections, the latest first: a page of them. */
  async gcRuns(): Promise<readonly schemas.GcRunAnswer[]> {
    const { items } = await this.#list('/api/v2.0/system/gc?page_size=10&sort=-creation_time', schemas.gcRun)
    return items
  }

  /** One garbage collection. */
  gcRun(id: number): Promise<schemas.GcRunAnswer> {
    return this.#get(`/api/v2.0/system/gc/${id}`, schemas.gcRun)
  }

  /** When Harbor collects garbage by itself, as a cron expression; empty where it doesn't. */
  gcSchedule(): Promise<string> {
    return this.#http.read({ path: '/api/v2.0/system/gc/schedule' }, (answer) => {
      if (answer.body.length === 0) return ''
      return decode(answer, schemas.gcSchedule).schedule?.cron ?? ''
    })
  }

  /** All of a short list that can't be asked for by ids, page by page. */
  async #pages<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<readonly T[]> {
    const all: T[] = []
    for (let page = 1; ; page += 1) {
      const { items, total } = await this.#list(`${path}&page=${page}&page_size=${PAGE_SIZE}`, schema)
      all.push(...items)
      if (items.length === 0 || all.length >= (total ?? Number.POSITIVE_INFINITY)) return all
    }
  }

  #get<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
    return this.#http.read({ path, headers: BY_NAME }, (answer) => decode(answer, schema))
  }

  #list<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<Page<T>> {
    const list = v.array(schema)
    return this.#http.read({ path, headers: BY_NAME }, (answer) => ({
      items: decode(answer, list),
      total: totalOf(answer),
    }))
  }
}

function flagsOf({ labels, accessories, immutability }: Details): string {
  return [
    'with_tag=true',
    ...(labels ? ['with_label=true'] : []),
    ...(accessories ? ['with_accessory=true'] : []),
    ...(immutability ? ['with_immutable_status=true'] : []),
  ].join('&')
}

/** The query of a page by id, selected by what `q` takes (src/lib/q/builder.go). Harbor ignores keys that it doesn't know. */
function byId(key: string, range: IdRange, descending: boolean, ...selections: readonly string[]): string {
  return listQuery(descending ? `-${key}` : key, [...selections, between(key, range)])
}

function listQuery(sort: string, selections: readonly string[]): string {
  const q = selections.filter((selection) => selection !== '').join(',')
  return `page_size=${PAGE_SIZE}&sort=${sort}${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`
}

function between(key: string, { from = 0, to }: IdRange): string {
  return from === 0 && to === undefined ? '' : `${key}=[${from}~${to ?? ''}]`
}

/** @throws UnexpectedAnswer when the answer is something else than was asked for */
function contentOf({ body, exchange }: Answer, digest: string, what: string): Buffer {
  if (!contradicts(body, digest)) return body
  const message = `the ${what} has another digest than it was asked by; something between here and Harbor changed it`
  throw new UnexpectedAnswer('OTHER_DIGEST', message, exchange)
}

function totalOf({ headers }: Answer): number | undefined {
  const total = headers['x-total-count']
  return typeof total === 'string' && /^\d+$/.test(total) ? Number(total) : undefined
}
