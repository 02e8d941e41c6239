import type { Artifact, Digest, Repository } from '../../src/inventory/types.ts'
import { goes, subjectOfTag, tagGoes, type Circle } from './leaving.ts'
import { parentsOf } from './units.ts'
import type { WrittenMirror, WrittenPolicy } from './written.ts'

export type OracleAction = OracleRemoval | OracleCopy

export type OracleRemoval = {
  readonly kind: 'delete-artifact' | 'delete-tag'
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  readonly children: readonly Digest[]
  readonly accessories: readonly Digest[]
  readonly rule: string
  /** Whether it waits for a copy. */
  readonly after: boolean
}

export type OracleCopy = {
  readonly kind: 'copy'
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  readonly accessories: readonly Digest[]
  readonly target: string
  readonly rule: string
}

/** Why something goes or is copied. */
interface Cause {
  readonly rule: string
  readonly archive: boolean
}

/** What a repository's decisions come to. */
export function actionsOf(policy: WrittenPolicy, circle: Circle): OracleAction[] {
  const setting = { ...circle, policy }
  return circle.repository.artifacts.flatMap((artifact) => [
    ...copyOf(artifact, setting),
    ...removalsOf(artifact, setting),
  ])
}

interface Setting extends Circle {
  readonly policy: WrittenPolicy
}

/** "If every tag of a digest is to go, … the artifact goes; otherwise only those tags go (`delete-tag`)." */
function removalsOf(artifact: Artifact, setting: Setting): OracleRemoval[] {
  const { repository, leaving, policy } = setting
  if (leaving.has(artifact.digest)) {
    // An untagged child goes with its index: Harbor does that.
    if (artifact.tags.length === 0 && parentsOf(repository, artifact.digest).length > 0) return []
    const causes = causesOf(artifact, setting)
    return [
      {
        kind: 'delete-artifact',
        repository: repository.name,
        digest: artifact.digest,
        tags: artifact.tags.map(({ name }) => name),
        children: takenAlong(artifact, setting).map(({ digest }) => digest),
        accessories: accessoriesOf([artifact, ...takenAlong(artifact, setting)]),
        rule: firstInFile(causes, policy),
        after: causes.some(({ archive }) => archive),
      },
    ]
  }
  return artifact.tags
    .filter((tag) => tagGoes(artifact, tag, setting))
    .map((tag) => {
      const causes = causesOf({ ...artifact, tags: [tag] }, setting)
      return {
        kind: 'delete-tag',
        repository: repository.name,
        digest: artifact.digest,
        tags: [tag.name],
        children: [],
        accessories: [],
        rule: firstInFile(causes, policy),
        after: causes.some(({ archive }) => archive),
      }
    })
}

/** The rules in whose name an artifact's tags go, or it goes itself, or its subject, or the indexes that hold it. */
function causesOf(artifact: Artifact, setting: Setting, seen: readonly Digest[] = []): Cause[] {
  const { repository, units } = setting
  if (seen.includes(artifact.digest)) return []
  const further = [...seen, artifact.digest]
  const own = units
    .filter((unit) => unit.artifact.digest === artifact.digest && goes(unit))
    .filter(({ tag }) => tag === null || artifact.tags.some(({ name }) => name === tag.name))
    .map(({ entry, decision }) => ({ rule: entry ?? '', archive: decision === 'archive' }))
  const bySubject = artifact.tags.flatMap((tag) => {
    const subject = subjectOfTag(repository, tag)
    return subject === undefined ? [] : causesOf(subject, setting, further)
  })
  const byParents =
    artifact.tags.length > 0
      ? []
      : parentsOf(repository, artifact.digest).flatMap((parent) => causesOf(parent, setting, further))
  return [...own, ...bySubject, ...byParents]
}

/** "Children no other index or tag holds": those without a tag whose every index leaves, and theirs. */
function takenAlong(artifact: Artifact, setting: Setting): Artifact[] {
  const children = setting.repository.artifacts.filter(
    ({ digest, tags }) =>
      artifact.children.includes(digest) && tags.length === 0 && setting.leaving.has(digest),
  )
  return distinct(children.flatMap((child) => [child, ...takenAlong(child, setting)]))
}

function descendants(artifact: Artifact, repository: Repository): Artifact[] {
  const children = repository.artifacts.filter(({ digest }) => artifact.children.includes(digest))
  return distinct(children.flatMap((child) => [child, ...descendants(child, repository)]))
}

function accessoriesOf(artifacts: readonly Artifact[]): Digest[] {
  return distinct(artifacts.flatMap(({ accessories }) => (accessories ?? []).map(({ digest }) => digest)))
}

/** A copy takes the tags that a rule copies or archives; "accessories and cosign tags too". */
function copyOf(artifact: Artifact, setting: Setting): OracleCopy[] {
  const { repository, policy } = setting
  const rules = copyingRules(artifact, setting)
  if (rules.length === 0) return []
  return [
    {
      kind: 'copy',
      repository: repository.name,
      digest: artifact.digest,
      tags: artifact.tags
        .filter((tag) => copyingRules({ ...artifact, tags: [tag] }, setting).length > 0)
        .map(({ name }) => name),
      accessories: accessoriesOf([artifact, ...descendants(artifact, repository)]),
      target: targetOf(repository, policy.mirror),
      rule: firstInFile(
        rules.map((rule) => ({ rule, archive: false })),
        policy,
      ),
    },
  ]
}

function copyingRules(artifact: Artifact, setting: Setting, seen: readonly Digest[] = []): string[] {
  const { repository, units } = setting
  if (seen.includes(artifact.digest)) return []
  const further = [...seen, artifact.digest]
  const own = units
    .filter((unit) => unit.artifact.digest === artifact.digest)
    .filter(({ tag }) => tag === null || artifact.tags.some(({ name }) => name === tag.name))
    .flatMap((unit) => [...(unit.decision === 'archive' ? [unit.entry ?? ''] : []), ...unit.copiedBy])
  const bySubject = artifact.tags.flatMap((tag) => {
    const subject = subjectOfTag(repository, tag)
    if (subject === undefined) return []
    const wholes = [subject, ...ancestors(subject, repository)]
    return wholes.flatMap((whole) => copyingRules(whole, setting, further))
  })
  return [...own, ...bySubject]
}

function ancestors(artifact: Artifact, repository: Repository): Artifact[] {
  return distinct(
    parentsOf(repository, artifact.digest).flatMap((parent) => [parent, ...ancestors(parent, repository)]),
  )
}

/** `repository: "{project}/{repository}"` "under the mirror host and prefix", then each `replace` in turn. */
function targetOf({ name, project }: Repository, mirror: WrittenMirror | undefined): string {
  const template = mirror?.repository ?? '{project}/{repository}'
  const path = template
    .replaceAll('{project}', project)
    .replaceAll('{repository}', name.slice(project.length + 1))
  return (mirror?.replace ?? []).reduce(
    (text, { from, to }) => text.replaceAll(new RegExp(from, 'gu'), to),
    path,
  )
}

/** "The first in the file is named." */
function firstInFile(causes: readonly Cause[], policy: WrittenPolicy): string {
  return policy.rules.find(({ name }) => causes.some(({ rule }) => rule === name))?.name ?? ''
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)]
}
