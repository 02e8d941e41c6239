// The whole state of one stand-in Harbor: who and what there is, and the counters that ids come from.
import { Clock, type Timings } from './clock.ts'
import { HarborError, notFound } from './error.ts'
import type {
  Artifact,
  AuditEntry,
  Blob,
  Findings,
  ImmutableRule,
  Label,
  Project,
  Repository,
  Robot,
  Role,
  Selector,
  User,
} from './model.ts'
import type { Execution, ExecutionKind } from './execution.ts'
import type { GcSchedule } from './gc.ts'
import type { ReplicationPolicy, RemoteRegistry } from './replication.ts'
import type { RetentionPolicy } from './retention-policy.ts'
import type { Scanner } from './scanner.ts'
import type { TrashedArtifact } from './trash.ts'

export type Version = '2.15.1' | '2.10.3'

export interface RegistryOptions {
  readonly version: Version
  readonly clock: () => number
  readonly timings: Timings
  readonly adminPassword: string
}

export interface ProjectOptions {
  readonly name: string
  readonly public?: boolean
  /** Bytes; unlimited unless given. */
  readonly quota?: number
  /** The registry that the project is a proxy cache of. */
  readonly registryId?: number
}

/** Of Harbor's sequences, those that Harbor itself uses before anybody does anything start later (recording 154). */
const FIRST_EXECUTION = 3

class Sequence {
  private last: number

  constructor(first = 1) {
    this.last = first - 1
  }

  next(): number {
    this.last += 1
    return this.last
  }
}

export class Registry {
  readonly version: Version
  /** Where it says that it is, whatever name it is reached by; that name itself while it is empty. */
  externalUrl = ''
  readonly clock: Clock
  readonly admin: User
  readonly users = new Map<string, User>()
  readonly robots = new Map<number, Robot>()
  readonly projects = new Map<string, Project>()
  readonly projectsById = new Map<number, Project>()
  readonly labels = new Map<number, Label>()
  /** By digest: one blob store for all projects. */
  readonly blobs = new Map<string, Blob>()
  /** What the storage behind Harbor links to each repository; a repository that is removed leaves it there until GC. */
  readonly storage = new Map<string, Pick<Repository, 'blobs' | 'manifests'>>()
  readonly trash: TrashedArtifact[] = []
  readonly executions = new Map<number, Execution>()
  /** Jobs of these kinds end in an error, and have done nothing. */
  readonly failing = new Set<ExecutionKind>()
  readonly retentions = new Map<number, RetentionPolicy>()
  readonly registries = new Map<number, RemoteRegistry>()
  readonly replications = new Map<number, ReplicationPolicy>()
  readonly scanners = new Map<string, Scanner>()
  /** What a scanner will find in an artifact, by digest. */
  readonly findings = new Map<string, Findings>()
  readonly audit: AuditEntry[] = []
  /** Values that differ from a fresh Harbor's. */
  readonly configuration = new Map<string, unknown>()
  gcSchedule: GcSchedule | null = null
  artifactCount = 0
  tagCount = 0

  readonly ids = {
    user: new Sequence(),
    robot: new Sequence(),
    project: new Sequence(),
    repository: new Sequence(),
    artifact: new Sequence(),
    tag: new Sequence(),
    accessory: new Sequence(),
    label: new Sequence(),
    immutableRule: new Sequence(),
    retention: new Sequence(),
    registry: new Sequence(),
    replication: new Sequence(),
    trash: new Sequence(),
    audit: new Sequence(),
    execution: new Sequence(FIRST_EXECUTION),
    task: new Sequence(FIRST_EXECUTION),
  }

  constructor(options: RegistryOptions) {
    this.version = options.version
    this.clock = new Clock(options.clock, options.timings)
    this.admin = this.addUser({
      name: 'admin',
      password: options.adminPassword,
      admin: true,
      realName: 'system admin',
      comment: 'admin user',
    })
    this.addProject({ name: 'library', public: true })
  }

  get readOnly(): boolean {
    return this.configuration.get('read_only') === true
  }

  addUser(
    user: Pick<User, 'name' | 'password'> & Partial<Pick<User, 'admin' | 'realName' | 'comment'>>,
  ): User {
    const now = this.clock.now()
    const added: User = {
      id: this.ids.user.next(),
      admin: false,
      realName: user.name,
      comment: '',
      ...user,
      created: now,
      updated: now,
    }
    this.users.set(added.name, added)
    return added
  }

  addProject({ name, public: open = false, quota = -1, registryId = 0 }: ProjectOptions): Project {
    if (this.projects.has(name)) throw new HarborError('CONFLICT', `The project named ${name} already exists`)
    const now = this.clock.now()
    const project: Project = {
      id: this.ids.project.next(),
      name,
      owner: this.admin,
      created: now,
      updated: now,
      metadata: { public: String(open) },
      registryId,
      quota: { created: now, updated: now, hard: quota, used: 0 },
      members: new Map([[this.admin, 'projectAdmin']]),
      repositories: new Map(),
      immutableRules: [],
      blobs: new Map(),
      changes: 0,
    }
    this.projects.set(name, project)
    this.projectsById.set(project.id, project)
    return project
  }

  addMember(projectName: string, user: User, role: Role): void {
    this.project(projectName).members.set(user, role)
  }

  addLabel(name: string, options: { description?: string; color?: string; project?: Project } = {}): Label {
    const now = this.clock.now()
    const label: Label = {
      id: this.ids.label.next(),
      name,
      description: options.description ?? '',
      color: options.color ?? '',
      project: options.project ?? null,
      created: now,
      updated: now,
    }
    this.labels.set(label.id, label)
    return label
  }

  addImmutableRule(
    projectName: string,
    rule: { repositories?: string | Selector[]; tags: string | Selector[]; disabled?: boolean },
  ): ImmutableRule {
    const added: ImmutableRule = {
      id: this.ids.immutableRule.next(),
      repositories: selectorsOf('repoMatches', rule.repositories ?? '**'),
      tags: selectorsOf('matches', rule.tags),
      disabled: rule.disabled ?? false,
    }
    this.project(projectName).immutableRules.push(added)
    return added
  }

  project(name: string): Project {
    const project = this.projects.get(name)
    if (project === undefined) throw notFound(`project ${name} not found`)
    return project
  }

  projectById(id: number): Project {
    const project = this.projectsById.get(id)
    if (project === undefined) throw notFound(`project ${id} not found`)
    return project
  }

  findRepository(name: string): Repository | undefined {
    return this.projects.get(projectOf(name))?.repositories.get(name)
  }

  repository(name: string): Repository {
    const repository = this.findRepository(name)
    if (repository === undefined) throw notFound(`repository ${name} not found`)
    return repository
  }

  ensureRepository(name: string): Repository {
    const project = this.project(projectOf(name))
    const existing = project.repositories.get(name)
    if (existing !== undefined) return existing
    const now = this.clock.now()
    const { blobs, manifests } = this.storage.get(name) ?? { blobs: new Set(), manifests: new Map() }
    this.storage.set(name, { blobs, manifests })
    const repository: Repository = {
      id: this.ids.repository.next(),
      project,
      name,
      created: now,
      updated: now,
      pulls: 0,
      description: '',
      artifacts: new Map(),
      tags: new Map(),
      blobs,
      manifests,
      orphans: new Map(),
      changes: 0,
    }
    project.repositories.set(name, repository)
    return repository
  }

  /** By tag or digest. The error is Harbor's: recordings 049, 050, 121. */
  artifact(repositoryName: string, reference: string): Artifact {
    const artifact = this.findArtifact(repositoryName, reference)
    if (artifact !== undefined) return artifact
    if (isDigest(reference)) throw notFound(`artifact ${repositoryName}@${reference} not found`)
    this.repository(repositoryName)
    throw notFound(`artifact ${repositoryName}:${reference} not found`)
  }

  findArtifact(repositoryName: string, reference: string): Artifact | undefined {
    const repository = this.findRepository(repositoryName)
    return isDigest(reference)
      ? repository?.artifacts.get(reference)
      : repository?.tags.get(reference)?.artifact
  }

  *repositories(): Iterable<Repository> {
    for (const project of this.projects.values()) yield* project.repositories.values()
  }
}

export function projectOf(repositoryName: string): string {
  return repositoryName.split('/', 1)[0] ?? ''
}

/** The repository's name as the rules of its project see it: without the project. */
export function withinProject(repository: Repository): string {
  return repository.name.slice(repository.project.name.length + 1)
}

export function isDigest(reference: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(reference)
}

/** Says that a list of artifacts in this repository, or its project, may look different now. */
export function touched(repository: Repository): void {
  repository.changes += 1
  repository.project.changes += 1
}

function selectorsOf(decoration: string, pattern: string | Selector[]): Selector[] {
  return typeof pattern === 'string' ? [{ kind: 'doublestar', decoration, pattern }] : pattern
}
