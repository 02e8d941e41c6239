// Starts the commands in processes of their own: made ready before they are needed, since that takes most of the time.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import type { Given } from '../../src/inputs/settings.ts'
import { parseJson } from '../../stand-in/state/json.ts'

const PROGRAM = path.join(import.meta.dirname, 'program.ts')

export interface Printed {
  readonly status: number
  readonly reason: string
  readonly outputs: Readonly<Record<string, string>>
  readonly complained: readonly string[]
  readonly warned: readonly string[]
}

/** A process that waits to be told what to run. */
export interface WaitingOptions {
  /** Blocks of 512 bytes, beyond which its files can't grow: as on a full disk. */
  readonly blocks?: number
  /** What is in its environment besides. */
  readonly environment?: Readonly<Record<string, string>>
}

export class Waiting {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #output: Promise<string>

  constructor({ blocks, environment = {} }: WaitingOptions = {}) {
    const node = ['--disable-warning=ExperimentalWarning', PROGRAM]
    const [program, args] =
      blocks === undefined
        ? [process.execPath, node]
        : ['sh', ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, ...node]]
    // What was compiled once is there for the next one; a full disk has no room for that.
    const cache = blocks === undefined ? { NODE_COMPILE_CACHE: path.join(tmpdir(), 'dredge-compiled') } : {}
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], ...cache, ...environment },
    })
    this.#ended = once(this.#child, 'close')
    this.#output = this.#child.stdout === null ? Promise.resolve('') : text(this.#child.stdout)
  }

  /** @param writes to the journal, after which it kills itself */
  run(given: Given, writes = Number.MAX_SAFE_INTEGER): void {
    this.#child.stdin?.write(`${JSON.stringify({ given, writes })}\n`)
  }

  /** `kill -9` unless another signal is given; done when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal)
    await this.#ended
  }

  /** By which signal it was ended. */
  get signal(): NodeJS.Signals | null {
    return this.#child.signalCode
  }

  get ended(): Promise<unknown> {
    return this.#ended
  }

  async printed(): Promise<Printed> {
    await this.#ended
    return parseJson<Printed>((await this.#output).trim().split('\n').at(-1) ?? '')
  }
}
