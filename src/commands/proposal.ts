import { readFile } from 'node:fs/promises'
import { baseOf } from '../github/base.ts'
import { pathInRepository } from '../github/path.ts'
import type { Settings } from '../inputs/settings.ts'
import { parsePolicy } from '../policy/parse.ts'
import type { Policy } from '../policy/types.ts'
import { counted } from '../report/words.ts'
import { codeOf } from '../shared/failure.ts'
import type { OnGitHub } from './on-github.ts'

/** What a pull request would do to the policy. `commit` is what it was held against, where that is known. */
export type Proposal =
  | { readonly kind: 'untouched'; readonly commit: string }
  | { readonly kind: 'added'; readonly commit: string }
  | { readonly kind: 'changed' | 'removed'; readonly commit: string; readonly before: Policy }
  | { readonly kind: 'unknown'; readonly commit: string | null; readonly why: string }

/** Holds the policy that is checked out against the base branch's. */
export async function proposalOf({ run, github }: OnGitHub, { policy: file }: Settings): Promise<Proposal> {
  const inRepository = await pathInRepository(file, run.workspace)
  if (inRepository === undefined) {
    const why = `${file} is in no checkout of the repository, so the base branch's policy is not known`
    return { kind: 'unknown', commit: null, why }
  }
  const base = await baseOf(github, run, inRepository, await bytesOf(file))
  switch (base.kind) {
    case 'untouched':
    case 'added': {
      return base
    }
    case 'unknown': {
      return { kind: 'unknown', commit: null, why: base.why }
    }
    case 'changed':
    case 'removed': {
      const { commit } = base
      const parsed = parsePolicy(base.bytes.toString('utf8'))
      if ('policy' in parsed) {
        return { kind: base.kind, commit, before: parsed.policy }
      }
      const [first] = parsed.problems
      const problems = counted(parsed.problems.length, 'problem')
      const why = `the policy of the base branch (${commit.slice(0, 12)}) has ${problems}, the first on line ${first?.line ?? 0}: ${first?.message ?? ''}`
      return { kind: 'unknown', commit, why }
    }
  }
}

/** Undefined for a file that isn't there; one that can't be read is told of by who needs it. */
async function bytesOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}
