import type { Exchange } from '../harbor/errors.ts'

/** What went wrong, for who decides what comes of it. */
export type GitHubTrouble =
  /** The token isn't one, or not any more. */
  | 'token'
  /** The token may not do this. */
  | 'rights'
  /** Nobody may comment there. */
  | 'locked'
  /** It isn't there, or the token may not know of it. */
  | 'absent'
  /** What was sent isn't what GitHub takes. */
  | 'refused'
  /** Too many requests. */
  | 'limit'
  /** No answer came. */
  | 'unreachable'
  /** GitHub says that it failed. */
  | 'failed'
  /** An answer that isn't GitHub's, or isn't understood. */
  | 'unexpected'

/** Something went wrong between us and GitHub. The message says what, where, and what to do. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError'
  readonly trouble: GitHubTrouble
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** Whether the same request may succeed later. */
  readonly mayPass: boolean
  /** How long GitHub asks to wait, in milliseconds; undefined where it doesn't say. */
  readonly waitMs: number | undefined

  constructor(
    trouble: GitHubTrouble,
    message: string,
    { method, path, status }: Exchange,
    more: ErrorOptions & { readonly mayPass?: boolean; readonly waitMs?: number | undefined } = {},
  ) {
    super(`${method} ${path}: ${message}`, more)
    this.trouble = trouble
    this.status = status
    this.mayPass = more.mayPass ?? false
    this.waitMs = more.waitMs
  }

  /** Whether it is open if what was asked for was done. */
  get isUnclear(): boolean {
    return this.trouble === 'unreachable' || this.trouble === 'failed' || this.trouble === 'unexpected'
  }
}
