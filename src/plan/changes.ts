import type { Artifact, Tag } from '../inventory/types.ts'
import type { DecidedRepository } from './decided.ts'
import type { Change, ChangeGroup, ChangeKind, NamedRule } from './effect.ts'
import { pairsOf, type Pair } from './pairs.ts'
import type { PlannedRepository } from './plan-repository.ts'
import { entryOf, goes } from './verdict.ts'
import { Wholes } from './wholes.ts'

/** Rules by their names, of the policy after an edit and of the one before. */
export interface RulesByName {
  readonly after: ReadonlyMap<string, NamedRule>
  readonly before: ReadonlyMap<string, NamedRule>
}

/** What becomes of units by an edit, collected repository by repository. Of what doesn't change nothing is held. */
export class Changes {
  /** Units that stay as they did, but for another reason. */
  staying = 0
  readonly #rules: RulesByName
  readonly #groups = new Map<string, Group>()

  constructor(rules: RulesByName) {
    this.#rules = rules
  }

  /** Holds a repository's decisions against each other; undefined is one that isn't in a policy's scope. */
  add(after: DecidedRepository | undefined, before: PlannedRepository | undefined): void {
    const repository = after?.name ?? before?.decided.name ?? ''
    const wholes = new Wholes(after, before?.decided)
    let changed = false
    let onArtifact: ChangedPair[] = []
    for (const pair of pairsOf(after, before)) {
      const kind = kindOf(pair)
      if (kind === undefined) {
        this.staying += 1
        continue
      }
      if (onArtifact[0] !== undefined && onArtifact[0].artifact !== pair.artifact) {
        this.#addArtifact(repository, onArtifact, wholes)
        onArtifact = []
      }
      onArtifact.push({ ...pair, kind })
      changed = true
    }
    this.#addArtifact(repository, onArtifact, wholes)
    if (changed) this.#addAlong(repository, wholes)
  }

  /** By kind, then as in the policy. */
  inOrder(): readonly ChangeGroup[] {
    const place = ({ kind }: Group): number => KINDS.indexOf(kind)
    return [...this.#groups.values()].toSorted(
      (a, b) =>
        place(a) - place(b) || a.rule.line - b.rule.line || (a.instead?.line ?? 0) - (b.instead?.line ?? 0),
    )
  }

  /** The units of one artifact that change: those of one group are one change. */
  #addArtifact(repository: string, pairs: readonly ChangedPair[], wholes: Wholes): void {
    const byGroup = Map.groupBy(pairs, (pair) => this.#groupOf(pair))
    const told = new Set<ChangeKind>()
    for (const [group, units] of [...byGroup].toSorted(([a], [b]) => a.rule.line - b.rule.line)) {
      const [unit] = units
      if (unit === undefined) continue
      const { artifact, before, after, kind } = unit
      // That the whole artifact goes is told once, with the rule that comes first in the file.
      const whole = !told.has(kind) && wholes.changed(kind, artifact.digest)
      told.add(kind)
      if (whole) wholes.tell(artifact.digest)
      group.units += units.length
      group.bytes += whole ? artifact.size : 0
      group.changes.push({ repository, artifact, tags: tagsOf(artifact, units), before, after, whole })
    }
  }

  /** Artifacts that go, or don't any more, though no unit of theirs changes: because of what they belong to. */
  #addAlong(repository: string, wholes: Wholes): void {
    for (const kind of ['deleted', 'rescued'] as const) {
      const rules = kind === 'deleted' ? this.#rules.after : this.#rules.before
      for (const { digest, rule, reason } of wholes.all(kind)) {
        if (!wholes.changed(kind, digest) || wholes.isTold(digest)) continue
        const artifact = wholes.artifact(digest)
        if (artifact === undefined) continue
        const group = this.#group(kind, rules.get(rule) ?? { name: rule, line: 0 }, undefined)
        group.bytes += artifact.size
        const change = { repository, artifact, tags: artifact.tags, before: undefined, after: undefined }
        group.changes.push({ ...change, whole: true, along: reason })
      }
    }
  }

  #groupOf({ kind, before, after }: Omit<ChangedPair, 'tag'>): Group {
    const [went, go] = [before, after].map((verdict) => verdict && entryOf(verdict))
    const rule = (kind === 'rescued' ? went : go) ?? { name: '', line: 0 }
    return this.#group(kind, rule, kind === 'other-rule' ? went : undefined)
  }

  #group(kind: ChangeKind, { name, line }: NamedRule, instead: NamedRule | undefined): Group {
    const key = `${kind} ${name}\n${instead?.name ?? ''}`
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const group: Group = {
      kind,
      rule: { name, line },
      instead: instead && { name: instead.name, line: instead.line },
      units: 0,
      bytes: 0,
      changes: [],
    }
    this.#groups.set(key, group)
    return group
  }
}

const KINDS: readonly ChangeKind[] = ['deleted', 'uncopied', 'archived', 'rescued', 'other-rule']

type ChangedPair = Pair & { readonly kind: ChangeKind }

interface Group extends ChangeGroup {
  units: number
  bytes: number
  readonly changes: Change[]
}

/** Undefined for a unit that stays as it did. */
function kindOf({ before, after }: Pair): ChangeKind | undefined {
  const [went, go] = [before !== undefined && goes(before), after !== undefined && goes(after)]
  if (!went) return go ? 'deleted' : undefined
  if (!go) return 'rescued'
  if (before?.code === after?.code) return 'other-rule'
  return after?.code === 'archive' ? 'archived' : 'uncopied'
}

/** The list that the artifact has already, where it is all of them: there can be a million. */
function tagsOf(artifact: Artifact, units: readonly Pair[]): readonly Tag[] {
  if (units.length === artifact.tags.length) return artifact.tags
  return units.flatMap(({ tag }) => (tag === null ? [] : [tag]))
}
