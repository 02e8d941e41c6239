// What a Harbor has, without what a restore can't give back: ids, push and pull times.
import type { Registry } from '../../stand-in/state/registry.ts'

interface ArtifactState {
  readonly tags: readonly string[]
  readonly labels: readonly string[]
  readonly children: readonly string[]
  readonly accessories: readonly string[]
  readonly size: number
  readonly type: string
}

export type State = Readonly<Record<string, ArtifactState>>

/** `repository@digest` to what it is like. */
export function contentsOf(registry: Registry): State {
  return Object.fromEntries(
    [...registry.repositories()]
      .flatMap(({ name, artifacts }) =>
        [...artifacts.values()].map((artifact): [string, ArtifactState] => [
          `${name}@${artifact.digest}`,
          {
            tags: artifact.tags.map((tag) => tag.name).toSorted(),
            labels: artifact.labels.map((label) => label.name).toSorted(),
            children: artifact.references.map(({ child }) => child.digest),
            accessories: artifact.accessories.map((one) => `${one.type} ${one.artifact.digest}`).toSorted(),
            size: artifact.size,
            type: artifact.type,
          },
        ]),
      )
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}
