// What a Harbor holds, as plain records that point at one another. The modules beside this one change them;
// nothing here behaves. Times are milliseconds since 1970; `NEVER` is how Harbor stores "not yet".
import type { Content } from './content.ts'

export const NEVER = Date.parse('0001-01-01T00:00:00.000Z')

export type Role = 'projectAdmin' | 'maintainer' | 'developer' | 'guest' | 'limitedGuest'

export interface User {
  readonly id: number
  readonly name: string
  readonly password: string
  readonly realName: string
  readonly comment: string
  readonly admin: boolean
  readonly created: number
  readonly updated: number
}

export interface Quota {
  readonly created: number
  updated: number
  /** Bytes; -1 is unlimited. */
  hard: number
  used: number
}

export interface Project {
  readonly id: number
  readonly name: string
  readonly owner: User
  readonly created: number
  readonly updated: number
  readonly metadata: Record<string, string>
  /** The registry that a proxy cache stands in front of; 0 for an ordinary project. */
  readonly registryId: number
  readonly quota: Quota
  readonly members: Map<User, Role>
  readonly repositories: Map<string, Repository>
  readonly immutableRules: ImmutableRule[]
  /** The blobs that count for this project, each with how many of its artifacts need it. */
  readonly blobs: Map<Blob, number>
  /** Counts changes to what a list of this project's artifacts may show. */
  changes: number
}

export interface Repository {
  readonly id: number
  readonly project: Project
  /** With the project: `team-a/web/frontend`. */
  readonly name: string
  readonly created: number
  updated: number
  pulls: number
  description: string
  /** By digest, in the order of their ids. */
  readonly artifacts: Map<string, Artifact>
  readonly tags: Map<string, Tag>
  /** What the storage behind Harbor links to this repository, deleted artifacts' blobs included, until GC. */
  readonly blobs: Set<Blob>
  readonly manifests: Map<string, Blob>
  /** Accessories by the digest of the subject that nobody has pushed yet. */
  readonly orphans: Map<string, readonly Accessory[]>
  changes: number
}

export interface Artifact {
  readonly id: number
  readonly repository: Repository
  readonly digest: string
  readonly manifest: Blob
  readonly manifestMediaType: string
  /** The config's media type; for an index the manifest's. */
  readonly mediaType: string
  readonly artifactType: string
  /** IMAGE, CHART, …, UNKNOWN. */
  readonly type: string
  readonly size: number
  readonly extraAttributes: Readonly<Record<string, unknown>> | null
  readonly annotations: Readonly<Record<string, string>> | null
  /** Its manifest, config and layers; of an index the children's manifests. */
  readonly blobs: readonly Blob[]
  pushed: number
  pulled: number
  tags: readonly Tag[]
  labels: readonly Label[]
  /** An index's children. */
  references: readonly Reference[]
  /** The indexes that hold it. */
  parents: readonly Reference[]
  accessories: readonly Accessory[]
  /** Set when it is an accessory itself. */
  accessoryOf: Accessory | null
  scan: ScanReport | null
}

export interface Tag {
  readonly id: number
  readonly name: string
  artifact: Artifact
  pushed: number
  pulled: number
}

export interface Reference {
  readonly parent: Artifact
  readonly child: Artifact
  readonly platform: Platform | null
  readonly annotations: Readonly<Record<string, string>> | null
  readonly urls: readonly string[] | null
}

export interface Platform {
  readonly architecture: string
  readonly os: string
  readonly variant?: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
}

export interface Accessory {
  readonly id: number
  readonly artifact: Artifact
  readonly subjectDigest: string
  /** Null as long as nothing with that digest was pushed. */
  subject: Artifact | null
  readonly type: string
  readonly created: number
}

export interface Blob {
  readonly digest: string
  readonly size: number
  readonly content: Content
  contentType: string
  /** Last pushed or asked for by HEAD; GC leaves a blob alone for two hours after it. */
  updated: number
  /** How many projects it counts for. */
  projects: number
}

export interface Label {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly color: string
  readonly project: Project | null
  readonly created: number
  readonly updated: number
}

export interface Selector {
  readonly kind: string
  readonly decoration: string
  readonly pattern: string
  readonly extras?: string
}

export interface ImmutableRule {
  readonly id: number
  readonly repositories: readonly Selector[]
  readonly tags: readonly Selector[]
  disabled: boolean
}

export interface Access {
  readonly resource: string
  readonly action: string
}

export interface RobotPermission {
  readonly kind: 'system' | 'project'
  /** A project's name, `*` for all of them, `/` for the system. */
  readonly namespace: string
  readonly access: readonly Access[]
}

export interface Robot {
  readonly id: number
  /** As it logs in: `robot$team-a+cleaner`. */
  readonly name: string
  readonly secret: string
  readonly description: string
  readonly level: 'system' | 'project'
  readonly permissions: readonly RobotPermission[]
  readonly created: number
  /** Seconds since 1970; -1 is never. */
  readonly expires: number
  disabled: boolean
}

export interface Vulnerability {
  readonly id: string
  readonly package: string
  readonly version: string
  /** Empty when there is none. */
  readonly fixVersion: string
  readonly severity: Severity
}

export type Severity = 'None' | 'Unknown' | 'Negligible' | 'Low' | 'Medium' | 'High' | 'Critical'

export interface ScanReport {
  readonly id: string
  readonly started: number
  readonly ended: number
  readonly scanner: { readonly name: string; readonly vendor: string; readonly version: string }
  readonly findings: Findings
}

export interface Findings {
  /** The scanner's own word for the whole; Harbor's overview goes by the vulnerabilities instead. */
  readonly severity: Severity
  readonly generated: string
  readonly vulnerabilities: readonly Vulnerability[]
}

export interface AuditEntry {
  readonly id: number
  readonly time: number
  readonly operation: string
  readonly description: string
  readonly resource: string
  readonly resourceType: string
  readonly user: string
}
