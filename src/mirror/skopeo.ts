import { setTimeout as pause } from 'node:timers/promises'
import { CHECKABLE } from '../harbor/digest.ts'
import { pauseBefore, type RetryPolicy } from '../harbor/retry.ts'
import { codeOf, messageOf } from '../shared/failure.ts'
import { copyArguments, rendered, type SideArguments } from './skopeo-command.ts'
import { type FailureKind, kindOf, wordsOf } from './skopeo-failure.ts'
import { NoSkopeo, type Skopeo } from './skopeo-find.ts'
import { SkopeoFolder } from './skopeo-folder.ts'
import { type Ended, start, type Started } from './skopeo-process.ts'
import type { Credentials } from './skopeo-secrets.ts'
import { watch } from './skopeo-stall.ts'

export { findSkopeo, locateSkopeo, checkSkopeo, NoSkopeo, type Skopeo } from './skopeo-find.ts'
export type { Credentials, FailureKind }

/** A repository in a registry, and how to get there. */
export interface Side {
  /** `host.example` or `host:port`, without a scheme. */
  readonly registry: string
  /** Turned off, skopeo takes any certificate, and speaks HTTP where there is no HTTPS. */
  readonly tlsVerify: boolean
  /** Nobody's unless given: other credentials that may be on this machine aren't used. */
  readonly credentials?: Credentials | undefined
  /** Certificates of authorities that count beside the system's, PEM. */
  readonly ca?: string | undefined
  readonly repository: string
}

export interface CopyRequest {
  readonly source: Side & { readonly digest: string }
  readonly target: Side & {
    /** A tag, or the source's digest for none. */
    readonly reference: string
  }
  /** How long nothing may move, in milliseconds. */
  readonly stallMs: number
  /** A number that changes as long as something moves, such as bytes so far; see {@link watch} for without. */
  readonly moved?: (() => number) | undefined
  readonly signal?: AbortSignal | undefined
  /** Told of each try that will be followed by another, after so many milliseconds. */
  readonly onRetry?: ((failure: CopyFailure, milliseconds: number) => void) | undefined
  /** Told of each command that is run; there is no secret in it. */
  readonly onCommand?: ((command: string) => void) | undefined
}

/**
 * `ok` means that skopeo ended by itself and with status 0: the target has taken the manifest. Whether it is there, by
 * that digest, is for the target to say.
 */
export type CopyOutcome = { readonly ok: true; readonly attempts: number } | CopyFailure

export interface CopyFailure {
  readonly ok: false
  readonly kind: FailureKind
  /** What happened, in one line of at most 300 characters, without secrets. */
  readonly words: string
  /** Tries so far. */
  readonly attempts: number
}

/** What skopeo tries again by itself is added to each: 429 to a GET five times, for up to a minute each. */
export const COPY_RETRY: RetryPolicy = { attempts: 4, pause: 2000, longest: 60_000 }

export interface SessionOptions {
  readonly retry?: RetryPolicy
  /** Where the folder with its files is made; RUNNER_TEMP, or the system's unless given. */
  readonly temp?: string
  /** Makes sure, once and before the first copy, that this skopeo will do; throws NoSkopeo where it won't. */
  readonly check?: () => Promise<unknown>
}

/** Its version is for `check` to look at. */
type Program = Pick<Skopeo, 'path'> & Partial<Skopeo>

type Try = { readonly ok: true } | { readonly ok: false; readonly kind: FailureKind; readonly words: string }

/**
 * Copies images with skopeo, with credentials that are in files for as long as a copy takes, never in arguments or in
 * an environment. Nothing else that is set on this machine for skopeo, Podman or Docker counts, but for certificates in
 * certs.d.
 */
export class SkopeoSession {
  private readonly skopeo: Program
  private readonly check: () => Promise<unknown>
  private checked: Promise<unknown> | undefined
  private readonly retry: RetryPolicy
  private readonly folder: SkopeoFolder
  private readonly running = new Set<Started>()
  private readonly copies = new Set<Promise<CopyOutcome>>()
  private readonly closing = new AbortController()

  /** @throws Error with what to do when its files can't be written */
  constructor(
    skopeo: Program,
    { retry = COPY_RETRY, temp, check = () => Promise.resolve() }: SessionOptions = {},
  ) {
    this.skopeo = skopeo
    this.check = check
    this.retry = retry
    this.folder = new SkopeoFolder(temp, () => {
      this.closing.abort()
      for (const started of this.running) started.kill()
    })
  }

  /**
   * Copies one image, index or other artifact with everything in it, and tries again what may go better then. Never
   * rejects. As many may be under way as one likes.
   */
  async copy(request: CopyRequest): Promise<CopyOutcome> {
    const copy = this.copyPatiently(request)
    this.copies.add(copy)
    try {
      return await copy
    } finally {
      this.copies.delete(copy)
    }
  }

  /**
   * Ends what is under way and removes the folder.
   *
   * @throws Error when it can't be removed
   */
  async close(): Promise<void> {
    this.closing.abort()
    await Promise.all(this.copies)
    await this.folder.close()
  }

  private async copyPatiently(request: CopyRequest): Promise<CopyOutcome> {
    try {
      await (this.checked ??= this.check())
    } catch (error) {
      if (!(error instanceof NoSkopeo)) throw error
      return { ok: false, kind: 'unsupported', words: error.message, attempts: 0 }
    }
    const signal = AbortSignal.any([this.closing.signal, ...(request.signal ? [request.signal] : [])])
    for (let attempts = 1; ; attempts += 1) {
      const tried = await this.tryOnce(request, signal)
      if (tried.ok) return { ok: true, attempts }
      const failure = { ...tried, attempts }
      // In this account's name the mirror was asked before: a token may have gone stale on the way.
      const refused = failure.kind === 'denied' && attempts === 1
      const again = refused || failure.kind === 'transient' || failure.kind === 'stalled'
      if (!again || attempts >= this.retry.attempts) return failure
      const milliseconds = pauseBefore(this.retry, attempts, {
        retryAfter: undefined,
        chance: Math.random(),
        now: 0,
      })
      request.onRetry?.(failure, milliseconds)
      try {
        await pause(milliseconds, undefined, { signal })
      } catch {
        return { ...CANCELLED, attempts }
      }
    }
  }

  private async tryOnce(request: CopyRequest, signal: AbortSignal): Promise<Try> {
    const { source, target } = request
    if (signal.aborted) return CANCELLED
    const wrong = notReferences(request)
    if (wrong !== '') return { ok: false, kind: 'unsupported', words: `skopeo can't be told of ${wrong}` }
    const files: { remove(): void }[] = []
    const sideOf = (side: Side, reference: string): SideArguments => {
      const authFile = this.folder.authFile(side.registry, side.credentials)
      files.push(authFile)
      return {
        reference: `${side.registry}/${side.repository}${reference}`,
        tlsVerify: side.tlsVerify,
        authFile: authFile.path,
        certDir: side.ca === undefined ? undefined : this.folder.certDir(side.ca),
      }
    }
    try {
      const from = sideOf(source, `@${source.digest}`)
      const to = sideOf(target, `${CHECKABLE.test(target.reference) ? '@' : ':'}${target.reference}`)
      const args = copyArguments(from, to, this.folder)
      request.onCommand?.(rendered(this.skopeo.path, args))
      return await this.run(args, request, signal)
    } catch (error) {
      return failedToRun(error)
    } finally {
      for (const file of files) file.remove()
    }
  }

  private async run(args: readonly string[], request: CopyRequest, signal: AbortSignal): Promise<Try> {
    const { env, path: cwd } = this.folder
    const started = start(this.skopeo.path, args, { env, cwd })
    this.running.add(started)
    let why: 'stalled' | 'cancelled' | undefined
    const end = (reason: 'stalled' | 'cancelled'): void => {
      why ??= reason
      started.end()
    }
    const cancel = (): void => {
      end('cancelled')
    }
    const unwatch = watch(started.pid, request, () => {
      end('stalled')
    })
    signal.addEventListener('abort', cancel)
    try {
      const ended = await started.ended
      // Whoever was told to end may say that it went well.
      if (why === 'cancelled' || signal.aborted) return CANCELLED
      if (why === 'stalled') return stalled(request.stallMs)
      return this.outcomeOf(ended, [request.source.credentials, request.target.credentials])
    } finally {
      unwatch()
      signal.removeEventListener('abort', cancel)
      this.running.delete(started)
    }
  }

  private outcomeOf(
    { error, status, signal, said }: Ended,
    accounts: readonly (Credentials | undefined)[],
  ): Try {
    if (error !== undefined) return failedToRun(error)
    if (status === 0) return { ok: true }
    const secrets = accounts.filter((account) => account !== undefined)
    if (signal !== null) {
      const hint = signal === 'SIGKILL' ? ', as a system that is out of memory does' : ''
      return { ok: false, kind: 'killed', words: `something ended skopeo with ${signal}${hint}` }
    }
    const silent = `skopeo ended with status ${status ?? 0} and said nothing`
    return { ok: false, kind: kindOf(said), words: wordsOf(said, secrets, silent) }
  }
}

const CANCELLED = { ok: false, kind: 'cancelled', words: 'ended before it was done' } as const

function stalled(milliseconds: number): Try {
  const seconds = Number((milliseconds / 1000).toFixed(1))
  return { ok: false, kind: 'stalled', words: `nothing moved for ${seconds} s` }
}

/** There may be room for it a moment later: processes, file descriptors, memory. */
const PASSING = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY'])

function failedToRun(error: unknown): Try {
  const code = codeOf(error) ?? ''
  const kind = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' ? 'disk-full' : 'unknown'
  const gone = code === 'ENOENT' ? '; it was there when it was looked for' : ''
  return {
    ok: false,
    kind: PASSING.has(code) ? 'transient' : kind,
    words: `skopeo could not be run: ${messageOf(error)}${gone}`.slice(0, 300),
  }
}

const TAG = /^\w[\w.-]{0,127}$/
/** A host without a dot or a port would be a project of Docker Hub's. */
const REGISTRY =
  /^(?:localhost|[A-Za-z0-9][A-Za-z0-9-]*(?:(?:\.[A-Za-z0-9-]+)+|(?=:))|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/

/** A name with a colon or an @ in it would mean another image than it says. */
function notReferences({ source, target }: CopyRequest): string {
  const wrong = [
    ...[source.registry, target.registry]
      .filter((name) => !REGISTRY.test(name))
      .map((name) => `${name} (a host needs a dot or a port)`),
    ...[source.repository, target.repository].filter((name) => !REPOSITORY.test(name)),
    ...(CHECKABLE.test(source.digest) ? [] : [source.digest]),
    ...(CHECKABLE.test(target.reference) || TAG.test(target.reference) ? [] : [target.reference]),
  ]
  return wrong
    .map((name) => JSON.stringify(name))
    .join(', ')
    .slice(0, 200)
}
