import { parseVersion, type Version } from '../patterns/version.ts'
import type { Artifact, Tag } from '../inventory/types.ts'
import type { Family, Rule } from '../policy/types.ts'
import type { Instant } from '../shared/instant.ts'
import { HELD, NO_RULE, stronger, type Hold, type Verdict } from './verdict.ts'

/** What is decided one by one: a tag, or an artifact without one, with what was decided. */
export class Unit {
  readonly artifact: Artifact
  readonly tag: Tag | null
  readonly family: Family
  /** When its artifact was pushed or when it came to stand on it, whichever is later. */
  readonly pushed: Instant
  /** The last pull, by the tag or by digest; null: never pulled. */
  readonly pulled: Instant | null
  /** What becomes of it, as far as it is decided. */
  verdict: Verdict = NO_RULE
  /** The first rule that copies it. */
  copiedBy: Rule | undefined = undefined
  #version: Version | null | undefined

  constructor(artifact: Artifact, tag: Tag | null, family: Family) {
    this.artifact = artifact
    this.tag = tag
    this.family = family
    this.pushed = Math.max(artifact.pushed, tag?.pushed ?? artifact.pushed)
    this.pulled = latest(artifact.pulled, tag?.pulled ?? null)
  }

  /** The last pull since the push; a unit that wasn't pulled since counts from the push. */
  get used(): Instant {
    return Math.max(this.pulled ?? this.pushed, this.pushed)
  }

  /** Proposes a verdict: it stands if it is stronger than the one before. */
  propose(verdict: Verdict): void {
    this.verdict = stronger(this.verdict, verdict)
  }

  /** It was to go, but turned out to be held, and by what. */
  hold(code: Hold): void {
    this.verdict = HELD[code]
  }

  get name(): string {
    return this.tag?.name ?? ''
  }

  /** The tag as a full version; null where it isn't one. Read once, and only where a policy asks. */
  get version(): Version | null {
    this.#version ??= parseVersion(this.name) ?? null
    return this.#version
  }
}

function latest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b
  return Math.max(a, b)
}
