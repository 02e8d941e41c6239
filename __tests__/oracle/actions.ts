import type { Artifact, Digest, Repository, Tag } from '../../src/inventory/types.ts'
import { goes, subjectsOfTag, tagGoes, type Circle } from './leaving.ts'
import { parentsOf, subjectOf } from './units.ts'
import type { WrittenMirror, WrittenPolicy } from './written.ts'

export type OracleAction = OracleRemoval | OracleCopy

export type OracleRemoval = {
  readonly kind: 'delete-artifact' | 'delete-tag'
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  readonly children: readonly Digest[]
  readonly accessories: readonly Digest[]
  /** The rules that may be named. */
  readonly rules: readonly string[]
  /** Whether it waits for a copy of its own; what follows something waits as long as that does. */
  readonly after: boolean
  /** The subjects that cosign's tags among those that go name: they have to be gone first. */
  readonly follows: readonly Digest[]
}

export type OracleCopy = {
  readonly kind: 'copy'
  readonly repository: string
  readonly digest: Digest
  readonly tags: readonly string[]
  readonly accessories: readonly Digest[]
  readonly target: string
  /** The rules that may be named. */
  readonly rules: readonly string[]
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
  const { repository, leaving } = setting
  if (leaving.has(artifact.digest)) {
    // An untagged child goes with its index: Harbor does that.
    if (artifact.tags.length === 0 && parentsOf(repository, artifact.digest).length > 0) return []
    return [
      {
        kind: 'delete-artifact',
        repository: repository.name,
        digest: artifact.digest,
        tags: artifact.tags.map(({ name }) => name),
        children: childrenOf(artifact, setting),
        accessories: accessoriesOf([artifact, ...takenAlong(artifact, setting)]),
        rules: removingRules(artifact, setting),
        after: isCopied(artifact, setting),
        follows: distinct(artifact.tags.flatMap((tag) => attachedSubject(repository, tag))),
      },
    ]
  }
  return artifact.tags
    .filter((tag) => tagGoes(artifact, tag, setting))
    .map((tag) => ({
      kind: 'delete-tag',
      repository: repository.name,
      digest: artifact.digest,
      tags: [tag.name],
      children: [],
      accessories: [],
      rules: removingRules({ ...artifact, tags: [tag] }, setting),
      follows: attachedSubject(repository, tag),
      after: isCopied(artifact, setting),
    }))
}

/** The rules in whose name an artifact's tags go, or it goes itself, or its subject, or the indexes that hold it. */
function removingRules(artifact: Artifact, setting: Setting, seen: readonly Digest[] = []): string[] {
  const { repository, units, policy } = setting
  if (seen.includes(artifact.digest)) return []
  const further = [...seen, artifact.digest]
  const own = units
    .filter((unit) => unit.artifact.digest === artifact.digest && goes(unit))
    .filter(({ tag }) => tag === null || artifact.tags.some(({ name }) => name === tag.name))
    .map(({ entry }) => entry ?? '')
  const bySubject = artifact.tags
    .flatMap((tag) => subjectsOfTag(repository, tag))
    .flatMap((subject) => removingRules(subject, setting, further))
  const byParents =
    artifact.tags.length > 0
      ? []
      : parentsOf(repository, artifact.digest).flatMap((parent) => removingRules(parent, setting, further))
  // What decided its own tags is named, the first in the file; else any of what it follows may be.
  return own.length > 0 ? firstInFile(own, policy) : [...bySubject, ...byParents]
}

/** "Children no other index or tag holds": those without a tag whose every index leaves, and theirs. */
function takenAlong(artifact: Artifact, setting: Setting): Artifact[] {
  const children = setting.repository.artifacts.filter(
    ({ digest, tags }) =>
      artifact.children.includes(digest) && tags.length === 0 && setting.leaving.has(digest),
  )
  return distinct(children.flatMap((child) => [child, ...takenAlong(child, setting)]))
}

function childrenOf(artifact: Artifact, setting: Setting): Digest[] {
  return takenAlong(artifact, setting).map(({ digest }) => digest)
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
      accessories: attachedTo(artifact, repository),
      target: targetOf(repository, policy.mirror),
      rules: firstInFile(rules, policy),
    },
  ]
}

/** The rules that copy an artifact's tags, or archive them: of each tag the archiving one before a copying one. */
function copyingRules(artifact: Artifact, { units }: Setting): string[] {
  return units
    .filter((unit) => unit.artifact.digest === artifact.digest)
    .filter(({ tag }) => tag === null || artifact.tags.some(({ name }) => name === tag.name))
    .flatMap((unit) => (unit.decision === 'archive' ? [unit.entry ?? ''] : unit.copiedBy.slice(0, 1)))
}

/** What a cosign tag is about, unless that is gone. */
function attachedSubject(repository: Repository, tag: Tag): Digest[] {
  const subject = subjectOf(tag.name)
  return subject === undefined || subjectsOfTag(repository, tag).length === 0 ? [] : [subject]
}

function isCopied(artifact: Artifact, setting: Setting): boolean {
  return copyingRules(artifact, setting).length > 0
}

/** All accessories, and artifacts that cosign tagged, of an artifact, its children, and of those again. */
function attachedTo(artifact: Artifact, repository: Repository): Digest[] {
  const wholes = [artifact]
  for (const whole of wholes) {
    const further = repository.artifacts.filter(
      ({ digest, tags }) =>
        whole.children.includes(digest) || tags.some((tag) => subjectsOfTag(repository, tag).includes(whole)),
    )
    wholes.push(...further.filter((candidate) => !wholes.includes(candidate)))
  }
  const tagged = wholes
    .filter((whole) => whole !== artifact)
    .filter(({ tags }) =>
      tags.some((tag) => subjectsOfTag(repository, tag).some((subject) => wholes.includes(subject))),
    )
    .map(({ digest }) => digest)
  return distinct([...accessoriesOf(wholes), ...tagged])
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
function firstInFile(rules: readonly string[], policy: WrittenPolicy): string[] {
  return policy.rules
    .map(({ name }) => name)
    .filter((name) => rules.includes(name))
    .slice(0, 1)
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Set(items)]
}
