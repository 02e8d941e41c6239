import { GitHubError } from './errors.ts'
import type { GitHub } from './github.ts'
import type { PullRequest } from './pull-request.ts'
import { pullRequestOf, type Run } from './run.ts'

/** How a pull request's file is to the base branch's, as merging would change it. */
export type Base =
  /** Merging leaves it as it is. */
  | { readonly kind: 'untouched'; readonly commit: string }
  | { readonly kind: 'changed'; readonly commit: string; readonly bytes: Buffer }
  /** The base branch has none. */
  | { readonly kind: 'added'; readonly commit: string }
  /** Merging takes it away. */
  | { readonly kind: 'removed'; readonly commit: string; readonly bytes: Buffer }
  /** What merging would change isn't known, and why. */
  | { readonly kind: 'unknown'; readonly why: string }

/**
 * What the base branch has of a file that is checked out.
 *
 * A pull request's `base.sha` is where the base branch was when it was opened or pushed to, and falls behind. Instead:
 *
 * - What `actions/checkout` gives by itself is the test merge of the pull request (GITHUB_SHA): what the base branch
 *   would be. Its first parent is the base branch that it was merged into, so that these two are compared.
 * - If the head of the pull request was checked out, changes of the base branch since aren't in it, and merging would
 *   not undo them: it is compared with where it left the base branch.
 *
 * Which of them was checked out, or neither, the file itself says.
 *
 * @param file its path in the repository, by slashes
 * @param here its bytes as they are checked out; undefined where there is none
 */
export async function baseOf(
  github: GitHub,
  run: Run,
  file: string,
  here: Buffer | undefined,
): Promise<Base> {
  const pull = pullRequestOf(run)
  if (pull === undefined) return { kind: 'unknown', why: 'this run is not for a pull request' }
  try {
    const commit = await baseCommit(github, run, pull, { file, here })
    if (commit === undefined) {
      const why = `what is checked out as ${file} is neither what pull request ${pull.number} has (${pull.head.sha}) nor what merging it would give (${run.sha}); check out one of them, unchanged, at the root of the workspace`
      return { kind: 'unknown', why }
    }
    const bytes = await github.fileAt(file, commit)
    if (alike(bytes, here)) return { kind: 'untouched', commit }
    if (bytes === undefined) return { kind: 'added', commit }
    return here === undefined ? { kind: 'removed', commit, bytes } : { kind: 'changed', commit, bytes }
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error
    return { kind: 'unknown', why: error.message }
  }
}

/** The commit that what is checked out is to be compared with. */
async function baseCommit(
  github: GitHub,
  run: Run,
  { base, head }: PullRequest,
  { file, here }: { readonly file: string; readonly here: Buffer | undefined },
): Promise<string | undefined> {
  const [into, merged] = await github.parentsOf(run.sha)
  const isTestMerge = into !== undefined && merged === head.sha
  if (isTestMerge && alike(await github.fileAt(file, run.sha), here)) return into
  return alike(await github.fileAt(file, head.sha), here) ? github.mergeBase(base.ref, head.sha) : undefined
}

/** Whether two files are the same text; Git writes line ends as the machine has them. */
function alike(a: Buffer | undefined, b: Buffer | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.equals(b) || unixLines(a) === unixLines(b)
}

function unixLines(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll('\r\n', '\n')
}
