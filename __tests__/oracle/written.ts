// A policy as it is written: what a YAML reader makes of the file, nothing read into it.

/** A policy file's content. */
export interface WrittenPolicy {
  readonly version: 1
  readonly protect?: readonly WrittenProtection[]
  readonly rules: readonly WrittenRule[]
  readonly mirror?: WrittenMirror
  readonly limits?: WrittenLimits
}

export interface WrittenMirror {
  readonly repository?: string
  readonly replace?: readonly { readonly from: string; readonly to: string }[]
}

export interface WrittenLimits {
  readonly 'max-deletes'?: number
  readonly 'max-delete-percent'?: number
  readonly 'keep-per-repository'?: number
  readonly grace?: string
}

/** The keys of `select`, which a `protect` entry has too. */
export interface WrittenSelect {
  readonly projects?: readonly string[]
  readonly repositories?: readonly string[]
  readonly tags?: readonly string[]
  readonly labels?: readonly string[]
  readonly types?: readonly string[]
  readonly platforms?: readonly string[]
  readonly semver?: string
  readonly prerelease?: boolean
  readonly signed?: boolean
  readonly size?: string
}

export interface WrittenRuleSelect extends WrittenSelect {
  readonly untagged?: true
  readonly orphans?: true
}

export interface WrittenConditions {
  readonly 'pushed-within'?: string
  readonly 'not-pushed-for'?: string
  readonly 'pulled-within'?: string
  readonly 'not-pulled-for'?: string
  readonly 'created-within'?: string
  readonly 'not-created-for'?: string
}

export interface WrittenProtection extends WrittenRuleSelect, WrittenConditions {
  readonly name: string
}

export type WrittenWhen = 'always' | WrittenConditions

export interface WrittenKeep extends WrittenConditions {
  readonly newest?: number
  readonly per?: string
  readonly by?: 'pushed' | 'created' | 'pulled' | 'semver' | 'name'
}

export interface WrittenRule {
  readonly name: string
  readonly select?: WrittenRuleSelect
  readonly keep?: WrittenKeep
  readonly delete?: WrittenWhen
  readonly archive?: WrittenWhen
  readonly copy?: WrittenWhen
}
