import type { ArtifactAnswer } from '../harbor/schemas.ts'
import { cosignSubject } from '../inventory/cosign.ts'
import type { Artifact } from '../inventory/types.ts'
import type { DeleteArtifact, DeleteTag } from '../plan/types.ts'
import { formatInstant, type Instant } from '../shared/instant.ts'
import type { Observed } from './observe.ts'

/**
 * What changed about an artifact since it was decided; empty when nothing did, and it may go.
 *
 * @param before as it was decided by
 */
export function driftOfArtifact(
  { tags, children, accessories }: DeleteArtifact,
  seen: Observed,
  before: Artifact,
): string {
  const all = [seen.artifact, ...seen.children, ...seen.accessories]
  const hanging = [...new Set(all.flatMap((each) => each.accessories ?? []).map(({ digest }) => digest))]
  const nameless = [...seen.children, ...seen.accessories]
  return firstOf([
    changedNames(
      'tag',
      tags,
      seen.artifact.tags.map(({ name }) => name),
    ),
    changedNames('accessory', accessories, hanging),
    changedNames(
      'accessory',
      accessories,
      seen.accessories.map(({ digest }) => digest),
    ),
    changedNames(
      'child',
      children,
      seen.children.map(({ digest }) => digest),
    ),
    ...nameless.map(({ digest, tags: own }) => {
      const name = own.find((tag) => cosignSubject(tag.name) === undefined)?.name
      return name === undefined ? '' : `${digest}, which would go with it, has a tag by now: ${name}`
    }),
    labelled(seen.artifact, before),
    pushedAgain(seen.artifact, before),
    pulledAgain([seen.artifact, ...seen.children], before.pulled),
  ])
}

/**
 * What changed about a tag that is to go, and about the artifact that it stands on.
 *
 * @param decided the artifact as it was decided by, and its tags that the plan leaves on it
 */
export function driftOfTag(
  { tag }: DeleteTag,
  { artifact }: Observed,
  { before, staying }: { readonly before: Artifact; readonly staying: readonly string[] },
): string {
  const lost = staying.filter((name) => artifact.tags.every((each) => each.name !== name))
  return firstOf([
    // It would be the last one, and what has none is swept by others.
    lost.length === 0 ? '' : `a tag less that was to stay: ${lost.join(', ')}`,
    labelled(artifact, before),
    pushedAgain({ ...artifact, tags: artifact.tags.filter(({ name }) => name === tag) }, before),
    pulledAgain([artifact], before.pulled),
  ])
}

function firstOf(changes: readonly string[]): string {
  return changes.find((change) => change !== '') ?? ''
}

function changedNames(what: string, planned: readonly string[], now: readonly string[]): string {
  const gained = now.filter((name) => !planned.includes(name))
  if (gained.length > 0) return `a ${what} more: ${gained.join(', ')}`
  const lost = planned.filter((name) => !now.includes(name))
  return lost.length > 0 ? `a ${what} less: ${lost.join(', ')}` : ''
}

/** Labels count only where the policy asks for them. */
function labelled({ labels }: ArtifactAnswer, before: Artifact): string {
  if (before.labels === null) return ''
  return changedNames(
    'label',
    before.labels,
    (labels ?? []).map(({ name }) => name),
  )
}

function pushedAgain({ push_time: pushed, tags }: ArtifactAnswer, before: Artifact): string {
  if (pushed > before.pushed) return `it was pushed again at ${formatInstant(pushed)}`
  const again = tags.find((tag) => {
    const known = before.tags.find(({ name }) => name === tag.name)
    return known !== undefined && tag.push_time > known.pushed
  })
  return again === undefined
    ? ''
    : `the tag ${again.name} was put on it again at ${formatInstant(again.push_time)}`
}

/** A child's pull counts for its index. */
function pulledAgain(answers: readonly ArtifactAnswer[], before: Instant | null): string {
  const pulls = answers.flatMap(({ pull_time: pulled }) => pulled ?? [])
  const last = Math.max(...pulls, Number.NEGATIVE_INFINITY)
  return last > (before ?? Number.NEGATIVE_INFINITY) ? `it was pulled at ${formatInstant(last)}` : ''
}
