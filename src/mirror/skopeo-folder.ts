import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { messageOf } from '../shared/failure.ts'
import { claim, disclaim, PREFIX, removeLeft } from './skopeo-left.ts'
import type { Credentials } from './skopeo-secrets.ts'

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

/**
 * Where skopeo finds its files, and nothing else: a folder of mode 0700 in the runner's folder for temporary files, or
 * the system's. It goes when it is closed, and when this process ends by itself or by SIGHUP, SIGINT or SIGTERM.
 *
 * After SIGKILL it stays: the files with credentials can be read by this account alone (0600), the runner empties its
 * folder for temporary files before each job, and the next one that is made there removes it.
 */
export class SkopeoFolder {
  readonly path: string
  /** Its environment, and all of it. */
  readonly env: Readonly<Record<string, string>>
  readonly policy: string
  readonly registriesD: string
  readonly tmp: string
  private readonly beforeRemoval: () => void
  private readonly certDirs = new Map<string, string>()
  private files = 0

  /**
   * @param beforeRemoval called when this process is being ended, before the folder goes
   * @throws Error with what to do when the files can't be written
   */
  constructor(parent = process.env['RUNNER_TEMP'] ?? '', beforeRemoval: () => void = () => undefined) {
    const where = parent === '' ? tmpdir() : parent
    this.beforeRemoval = beforeRemoval
    try {
      removeLeft(path.resolve(where))
      this.path = mkdtempSync(path.join(path.resolve(where), PREFIX))
    } catch (error) {
      throw notWritten(where, error)
    }
    this.policy = this.at('policy.json')
    this.registriesD = this.at('registries.d')
    this.tmp = this.at('tmp')
    this.env = environment(this.path, this.tmp, this.at('run'))
    for (const signal of SIGNALS) process.on(signal, this.onSignal)
    process.on('exit', this.removeNow)
    try {
      claim(this.path)
      for (const name of ['tmp', 'run', 'registries.d']) mkdirSync(this.at(name), { mode: 0o700 })
      this.write(this.policy, '{"default":[{"type":"insecureAcceptAnything"}]}\n')
      this.useNoOtherSettings()
    } catch (error) {
      this.removeNow()
      throw notWritten(where, error)
    }
  }

  /**
   * Writes credentials as skopeo reads them. It has to be given a file even for none: one that isn't there means
   * others, or none without a word.
   *
   * @returns the file, and what removes it
   */
  authFile(
    registry: string,
    credentials: Credentials | undefined,
  ): { readonly path: string; remove(): void } {
    const file = this.at(`auth-${(this.files += 1)}.json`)
    const auths: Record<string, { auth: string }> = {}
    if (credentials !== undefined) {
      const { username, password } = credentials
      auths[registry] = { auth: Buffer.from(`${username}:${password}`).toString('base64') }
    }
    try {
      this.write(file, JSON.stringify({ auths }))
    } catch (error) {
      throw notWritten(this.path, error)
    }
    return {
      path: file,
      remove: () => {
        rmSync(file, { force: true })
      },
    }
  }

  /** @param ca certificates of authorities, PEM */
  certDir(ca: string): string {
    const known = this.certDirs.get(ca)
    if (known !== undefined) return known
    const folder = this.at(`certs-${this.certDirs.size + 1}`)
    try {
      mkdirSync(folder, { mode: 0o700 })
      this.write(path.join(folder, 'ca.crt'), ca)
    } catch (error) {
      throw notWritten(this.path, error)
    }
    this.certDirs.set(ca, folder)
    return folder
  }

  /** @throws Error when it can't be removed */
  async close(): Promise<void> {
    try {
      await rm(this.path, { recursive: true, force: true, maxRetries: 5 })
    } catch (error) {
      throw new Error(
        `${this.path} could not be removed: ${messageOf(error)}; it holds credentials, remove it`,
        {
          cause: error,
        },
      )
    } finally {
      this.release()
    }
  }

  /**
   * An empty registries.conf of the user's: with one, skopeo reads neither the system's nor what is in
   * /etc/containers/registries.conf.d, where mirrors, other locations and credential helpers may be set (as traced with
   * 1.9.3, and in the sources of 1.6 to 1.22). With the option --registries-conf it would still read the latter.
   */
  private useNoOtherSettings(): void {
    const folder = this.at('.config/containers')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.write(path.join(folder, 'registries.conf'), '')
  }

  private at(name: string): string {
    return path.join(this.path, name)
  }

  private write(file: string, content: string): void {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' })
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    this.removeNow()
    process.kill(process.pid, signal)
  }

  private readonly removeNow = (): void => {
    this.release()
    this.beforeRemoval()
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 })
  }

  private release(): void {
    disclaim(this.path)
    for (const signal of SIGNALS) process.off(signal, this.onSignal)
    process.off('exit', this.removeNow)
  }
}

/** What of this process's environment is passed on: by which way out, whom to trust, and to which job it belongs. */
const PASSED = [
  'PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  // By which GitHub's runner finds and ends what a job left running.
  'RUNNER_TRACKING_ID',
]

function environment(home: string, tmp: string, run: string): Readonly<Record<string, string>> {
  const passed = PASSED.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(passed), HOME: home, TMPDIR: tmp, XDG_RUNTIME_DIR: run }
}

function notWritten(folder: string, error: unknown): Error {
  return new Error(
    `skopeo's files can't be written to ${folder}: ${messageOf(error)}; make room there, or name another folder by RUNNER_TEMP`,
    { cause: error },
  )
}
