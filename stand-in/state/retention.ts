// Running a retention policy: what no rule retains goes, in every repository that some rule is about.
import { deleteArtifact } from './delete.ts'
import { matches } from './doublestar.ts'
import { type Execution, type Task, startJob } from './execution.ts'
import { isImmutable } from './immutable.ts'
import type { Artifact, Project, Repository, Selector } from './model.ts'
import { type Registry, withinProject } from './registry.ts'
import type { RetentionPolicy, RetentionRule } from './retention-policy.ts'
import { retentionLog } from './retention-log.ts'
import { parseJson } from './json.ts'

const DAY = 86_400_000

export interface Candidate {
  readonly artifact: Artifact
  readonly tags: readonly string[]
  readonly pushed: number
  readonly pulled: number
}

export function startRetention(registry: Registry, policy: RetentionPolicy, dryRun: boolean): Execution {
  const project = registry.projectById(policy.scope.ref)
  const repositories = repositoriesOf(project, policy).toSorted((a, b) => b.id - a.id)
  const work = repositories.map(
    (repository) => (task: Task) => retain(registry, { policy, repository, dryRun, task }),
  )
  const parameters = { dry_run: dryRun }
  const execution = startJob(registry, { kind: 'RETENTION', owner: policy.id, parameters, work })
  for (const [index, repository] of repositories.entries()) {
    Object.assign(execution.tasks[index]?.result ?? {}, { repository: withinProject(repository) })
  }
  return execution
}

function repositoriesOf(project: Project, policy: RetentionPolicy): Repository[] {
  return [...project.repositories.values()].filter((repository) => rulesFor(policy, repository).length > 0)
}

function rulesFor(policy: RetentionPolicy, repository: Repository): RetentionRule[] {
  return policy.rules.filter(({ disabled, scope_selectors: { repository: selectors } }) => {
    const chosen = selectors.every(({ decoration, pattern }) => {
      return matches(pattern, withinProject(repository)) === (decoration === 'repoMatches')
    })
    return disabled !== true && chosen
  })
}

interface Run {
  readonly policy: RetentionPolicy
  readonly repository: Repository
  readonly dryRun: boolean
  readonly task: Task
}

function retain(registry: Registry, { policy, repository, dryRun, task }: Run): string {
  const now = registry.clock.now()
  const candidates = candidatesOf(repository)
  const retained = new Set<Candidate>()
  for (const rule of rulesFor(policy, repository)) {
    for (const candidate of evaluate(rule, candidates, now)) retained.add(candidate)
  }
  const verdict = (candidate: Candidate): 'RETAIN' | 'IMMUTABLE' | 'DEL' => {
    if (retained.has(candidate)) return 'RETAIN'
    return candidate.tags.some((tag) => isImmutable(repository, tag)) ? 'IMMUTABLE' : 'DEL'
  }
  const verdicts = candidates.map((candidate) => ({ candidate, verdict: verdict(candidate) }))
  Object.assign(task.result, {
    total: candidates.length,
    retained: verdicts.filter((one) => one.verdict !== 'DEL').length,
  })
  const log = retentionLog({ repository: repository.name, dryRun, verdicts, now })
  if (!dryRun) {
    for (const one of verdicts) {
      if (one.verdict === 'DEL') deleteUnlessHeld(registry, one.candidate.artifact)
    }
  }
  return log
}

/** Harbor notes the refusal of a child that an index holds, and goes on. */
function deleteUnlessHeld(registry: Registry, artifact: Artifact): void {
  const isThere = artifact.repository.artifacts.get(artifact.digest) === artifact
  if (isThere && artifact.parents.length === 0) deleteArtifact(registry, artifact, 'harbor-jobservice')
}

function candidatesOf({ artifacts }: Repository): Candidate[] {
  return [...artifacts.values()]
    .filter(({ tags, parents, accessoryOf }) => {
      return accessoryOf === null && (tags.length > 0 || parents.length === 0)
    })
    .toSorted((a, b) => b.pushed - a.pushed || b.id - a.id)
    .map((artifact) => ({
      artifact,
      tags: artifact.tags.toSorted((a, b) => b.pushed - a.pushed || b.id - a.id).map(({ name }) => name),
      pushed: Math.max(artifact.pushed, ...artifact.tags.map(({ pushed }) => pushed)),
      pulled: Math.max(artifact.pulled, ...artifact.tags.map(({ pulled }) => pulled)),
    }))
}

function evaluate(rule: RetentionRule, all: readonly Candidate[], now: number): readonly Candidate[] {
  const candidates = all.filter(({ tags }) => rule.tag_selectors.every((selector) => selects(selector, tags)))
  const value = rule.params[rule.template] ?? 0
  const newest = (time: (candidate: Candidate) => number): Candidate[] =>
    candidates.toSorted((a, b) => time(b) - time(a)).slice(0, value)
  switch (rule.template) {
    case 'latestPushedK':
      return newest(({ pushed }) => pushed)
    case 'latestPulledN':
      return newest(({ pulled }) => pulled)
    case 'latestActiveK':
      return newest(({ pushed, pulled }) => Math.max(pushed, pulled))
    case 'lastXDays':
    case 'nDaysSinceLastPush':
      return candidates.filter(({ pushed }) => pushed >= now - value * DAY)
    case 'nDaysSinceLastPull':
      return candidates.filter(({ pulled }) => pulled >= now - value * DAY)
    case 'always':
      return candidates
  }
}

/** For excludes, `untagged: false` means that untagged ones are selected: so does Harbor (recordings-2, 084). */
function selects({ decoration, pattern, extras }: Selector, tags: readonly string[]): boolean {
  const excludes = decoration === 'excludes'
  if (tags.length > 0) return tags.some((tag) => matches(pattern, tag) !== excludes)
  const { untagged = !excludes } = parseJson<{ untagged?: boolean }>(extras ?? '{}')
  return untagged !== excludes
}
