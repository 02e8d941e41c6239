import type { Artifact, Digest, Repository } from '../inventory/types.ts'
import type { DecidedRepository } from './decided.ts'
import type { ChangeKind } from './effect.ts'
import type { DeleteArtifact } from './types.ts'

type Going = Readonly<Record<'deleted' | 'rescued', ReadonlyMap<Digest, DeleteArtifact>>>

/** The artifacts of a repository that go as a whole, by a policy and by the one before. Looked for when it is asked. */
export class Wholes {
  readonly #after: DecidedRepository | undefined
  readonly #before: DecidedRepository | undefined
  readonly #told = new Set<Digest>()
  #going: Going | undefined
  #artifacts: ReadonlyMap<Digest, Artifact> | undefined

  constructor(after: DecidedRepository | undefined, before: DecidedRepository | undefined) {
    this.#after = after
    this.#before = before
  }

  /** Of what may be newly deleted, all that goes; of what may be rescued, all that went. */
  all(kind: 'deleted' | 'rescued'): Iterable<DeleteArtifact> {
    return this.#maps()[kind].values()
  }

  /** Whether an artifact goes by the one policy and doesn't by the other. */
  changed(kind: ChangeKind, digest: Digest): boolean {
    if (kind !== 'deleted' && kind !== 'rescued') return false
    const { deleted, rescued } = this.#maps()
    return deleted.has(digest) === (kind === 'deleted') && rescued.has(digest) === (kind === 'rescued')
  }

  tell(digest: Digest): void {
    this.#told.add(digest)
  }

  isTold(digest: Digest): boolean {
    return this.#told.has(digest)
  }

  /** Undefined for one that isn't there in both of two readings. */
  artifact(digest: Digest): Artifact | undefined {
    this.#artifacts ??= artifactsOf(this.#after?.repository, this.#before?.repository)
    return this.#artifacts.get(digest)
  }

  #maps(): Going {
    this.#going ??= { deleted: wholesOf(this.#after), rescued: wholesOf(this.#before) }
    return this.#going
  }
}

function wholesOf(decided: DecidedRepository | undefined): ReadonlyMap<Digest, DeleteArtifact> {
  const going = new Map<Digest, DeleteArtifact>()
  for (const action of decided?.actions ?? []) {
    if (action.kind === 'delete-artifact') going.set(action.digest, action)
  }
  return going
}

function artifactsOf(
  after: Repository | undefined,
  before: Repository | undefined,
): ReadonlyMap<Digest, Artifact> {
  const others = new Set((after ?? before)?.artifacts.map(({ digest }) => digest))
  const artifacts = (before ?? after)?.artifacts ?? []
  return new Map(
    artifacts.filter(({ digest }) => others.has(digest)).map((artifact) => [artifact.digest, artifact]),
  )
}
