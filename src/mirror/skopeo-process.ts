import { spawn } from 'node:child_process'
import process from 'node:process'

export interface Started {
  readonly pid: number | undefined
  /** Resolves once it is gone, and everything that it started. */
  readonly ended: Promise<Ended>
  /** Asks it and everything that it started to end, and ends them by force if they don't. */
  end(): void
  /** Ends them by force, now. */
  kill(): void
}

export interface Ended {
  /** Why it could not be started. */
  readonly error?: Error | undefined
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  /** The last of what it printed. */
  readonly said: string
}

export interface Start {
  /** Its whole environment. */
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
  /** What is listened to: only stderr unless given. */
  readonly output?: 'both' | 'stderr'
}

/** How long who was asked to end may take to do so, in milliseconds. */
const GRACE = 5000
/** How long the output of who is gone may still be open, in milliseconds: somebody else has it then. */
const LINGER = 1000
/** How much of what is printed is remembered, in bytes. */
const REMEMBERED = 64 * 1024

/**
 * Starts a program in a process group of its own, which ends with it: whatever it started and left behind in the
 * group is ended too. A group of its own also means that Ctrl-C in a terminal doesn't reach it.
 */
export function start(
  file: string,
  args: readonly string[],
  { env, cwd, output = 'stderr' }: Start,
): Started {
  const child = spawn(file, args, {
    detached: true,
    env,
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', output === 'both' ? 'pipe' : 'ignore', 'pipe'],
  })
  const { pid } = child
  const said = new Tail(REMEMBERED)
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said.add(chunk)
    })
    stream?.on('error', () => undefined)
  }
  const timers: NodeJS.Timeout[] = []
  const kill = (): void => {
    signalGroup(pid, 'SIGKILL')
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error) => {
      if (pid === undefined) resolve({ error, status: null, signal: null, said: '' })
    })
    child.once('exit', () => {
      kill()
      timers.push(
        setTimeout(() => {
          child.stdout?.destroy()
          child.stderr?.destroy()
        }, LINGER),
      )
    })
    child.once('close', (status, signal) => {
      for (const timer of timers) clearTimeout(timer)
      resolve({ status, signal, said: said.text() })
    })
  })
  const end = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) return
    signalGroup(pid, 'SIGTERM')
    timers.push(setTimeout(kill, GRACE))
  }
  return { pid, ended, end, kill }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Nobody is left in it.
  }
}

/** The last bytes of a stream. */
class Tail {
  private readonly most: number
  private chunks: Buffer[] = []
  private size = 0
  private cut = false

  constructor(most: number) {
    this.most = most
  }

  add(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.size += chunk.length
    if (this.size < 2 * this.most) return
    const kept = Buffer.concat(this.chunks).subarray(-this.most)
    this.chunks = [kept]
    this.size = kept.length
    this.cut = true
  }

  /** From the beginning of a line on: half of a secret would not be known for one. */
  text(): string {
    const all = Buffer.concat(this.chunks)
    const isCut = this.cut || all.length > this.most
    const text = all.subarray(-this.most).toString('utf8')
    return isCut ? text.slice(text.indexOf('\n') + 1 || text.length) : text
  }
}
