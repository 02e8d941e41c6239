// What is used of Harbor's answers, and only that: more fields are welcome, a missing one is told with its place.
// Field by field as recorded from Harbor v2.10.3 and v2.15.1; the API's own description is wrong in places.
import * as v from 'valibot'

const ZERO_TIME = '0001-'

/** RFC 3339 with milliseconds; Harbor's zero time (year 1) stands for never. */
const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'is not a time'),
)
const pulled = v.pipe(
  time,
  v.transform((text) => (text.startsWith(ZERO_TIME) ? null : Date.parse(text))),
)
const pushed = v.pipe(
  time,
  v.transform((text) => Date.parse(text)),
)
const id = v.pipe(v.number(), v.integer())
const digest = v.pipe(v.string(), v.regex(/^[a-z0-9+._-]+:[0-9A-Za-z=_-]{32,}$/, 'is not a digest'))

/** `GET /systeminfo`; version and address are there only for somebody who is signed in. */
export const systemInfo = v.object({
  auth_mode: v.string(),
  external_url: v.nullish(v.string(), ''),
  harbor_version: v.optional(v.string()),
  read_only: v.nullish(v.boolean(), false),
})

/** `GET /users/current/permissions`, relative to a project. */
export const permission = v.object({ resource: v.string(), action: v.string() })

/** `GET /replication/policies`. One that sends elsewhere has a `src_registry` with the id 0, which is this Harbor. */
export const replicationPolicy = v.object({
  name: v.string(),
  enabled: v.nullish(v.boolean(), false),
  replicate_deletion: v.nullish(v.boolean(), false),
  src_registry: v.nullish(v.object({ id: v.nullish(v.number(), 0) })),
  trigger: v.nullish(v.object({ type: v.nullish(v.string(), '') })),
  filters: v.nullish(v.array(v.object({ type: v.string(), value: v.unknown() })), []),
})

/** `GET /system/gc`, `GET /system/gc/{id}`; `job_parameters` is JSON in a text. */
export const gcRun = v.object({
  id: v.pipe(v.number(), v.integer()),
  job_status: v.string(),
  job_parameters: v.nullish(v.string(), ''),
  creation_time: v.string(),
  update_time: v.string(),
})

/** `GET /system/gc/schedule`; nothing at all where none was ever set. */
export const gcSchedule = v.object({
  schedule: v.nullish(v.object({ type: v.nullish(v.string(), ''), cron: v.nullish(v.string(), '') })),
})

/** `GET /projects`. A proxy cache has the registry that it caches. */
export const project = v.object({ project_id: id, name: v.string(), registry_id: v.nullish(v.number(), 0) })

/** `GET /projects/{project}/repositories`; `name` is the full name. */
export const repository = v.object({ id, name: v.string(), artifact_count: v.nullish(v.number(), 0) })

const selector = v.object({ decoration: v.string(), kind: v.string(), pattern: v.string() })

/** `GET /projects/{project}/immutabletagrules`. */
export const immutableRule = v.object({
  disabled: v.nullish(v.boolean(), false),
  scope_selectors: v.nullish(v.record(v.string(), v.nullish(v.array(selector), [])), {}),
  tag_selectors: v.nullish(v.array(selector), []),
})

const platform = v.object({
  os: v.nullish(v.string(), ''),
  architecture: v.nullish(v.string(), ''),
  variant: v.nullish(v.string(), ''),
})

export const tag = v.object({
  name: v.string(),
  push_time: pushed,
  pull_time: pulled,
  immutable: v.nullish(v.boolean()),
})

/** An entry of the artifact lists, and `GET …/artifacts/{reference}`. */
export const artifact = v.object({
  id,
  type: v.string(),
  digest,
  repository_name: v.nullish(v.string()),
  size: v.nullish(v.number(), 0),
  push_time: pushed,
  pull_time: pulled,
  extra_attrs: v.nullish(v.record(v.string(), v.unknown()), {}),
  references: v.nullish(v.array(v.object({ child_digest: digest, platform: v.nullish(platform) })), []),
  tags: v.nullish(v.array(tag), []),
  labels: v.nullish(v.array(v.object({ name: v.string(), id: v.nullish(v.number()) }))),
  accessories: v.nullish(v.array(v.object({ digest, type: v.string(), size: v.nullish(v.number(), 0) }))),
})

/** `GET /v2/{repository}/tags/list`. */
export const tagList = v.object({ tags: v.nullish(v.array(v.string()), []) })

export type ProjectAnswer = v.InferOutput<typeof project>
export type RepositoryAnswer = v.InferOutput<typeof repository>
export type ImmutableRuleAnswer = v.InferOutput<typeof immutableRule>
export type ReplicationPolicyAnswer = v.InferOutput<typeof replicationPolicy>
export type GcRunAnswer = v.InferOutput<typeof gcRun>
export type ArtifactAnswer = v.InferOutput<typeof artifact>
