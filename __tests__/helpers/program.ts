// Runs the built programs as GitHub and people do: in a process of their own, with no more environment than that.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'

const ROOT = path.resolve(import.meta.dirname, '..', '..')

export interface Ran {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder that a program runs in, with what it finds and leaves there. */
export class Folder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'dredge-e2e-'))

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(path.join(this.path, name), content)
  }

  read(name: string): string {
    return readFileSync(path.join(this.path, name), 'utf8')
  }

  /** Everything in it, by relative path. */
  files(): ReadonlyMap<string, string> {
    const names = readdirSync(this.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.path, path.join(entry.parentPath, entry.name)))
    return new Map(names.toSorted().map((name) => [name, this.read(name)]))
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export type Inputs = Readonly<Record<string, string>>

/** What the runner gives a step, and nothing of this machine's own. */
export function startAction(folder: Folder, inputs: Inputs, environment: Inputs = {}): ChildProcess {
  folder.write('output', '')
  folder.write('summary.md', '')
  return start('main.js', [], folder, {
    GITHUB_ACTIONS: 'true',
    // Nobody is there, and nobody is asked without a token.
    GITHUB_API_URL: 'http://127.0.0.1:1',
    GITHUB_EVENT_NAME: 'schedule',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'example/registry',
    GITHUB_RUN_ID: '1',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_WORKSPACE: folder.path,
    GITHUB_OUTPUT: path.join(folder.path, 'output'),
    GITHUB_STEP_SUMMARY: path.join(folder.path, 'summary.md'),
    RUNNER_TEMP: folder.path,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
    ...environment,
  })
}

/** The inputs of the action that a command line takes from its environment, and others. */
export function inputsAsAction(environment: Inputs, more: Inputs): Inputs {
  const inputs: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    inputs[name.toLowerCase().replaceAll('_', '-')] = value
  }
  return { ...inputs, ...more }
}

export function startCli(folder: Folder, args: readonly string[], environment: Inputs = {}): ChildProcess {
  return start('cli.js', args, folder, environment)
}

/** As on a full disk: files can't grow beyond so many blocks of 512 bytes. */
export function startCliOnSmallDisk(
  folder: Folder,
  blocks: number,
  args: readonly string[],
  environment: Inputs,
): ChildProcess {
  const program = [process.execPath, path.join(ROOT, 'dist', 'cli.js'), ...args]
  return spawn('sh', ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, ...program], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...environment },
  })
}

function start(program: string, args: readonly string[], folder: Folder, env: Inputs): ChildProcess {
  return spawn(process.execPath, [path.join(ROOT, 'dist', program), ...args], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  })
}

export async function ended(child: ChildProcess): Promise<Ran> {
  const { stdout, stderr } = child
  const [exit, out, err] = await Promise.all([
    new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) => {
      child.on('close', (status, signal) => {
        resolve([status, signal])
      })
    }),
    stdout === null ? '' : text(stdout),
    stderr === null ? '' : text(stderr),
  ])
  return { status: exit[0], signal: exit[1], stdout: out, stderr: err }
}

/** The outputs that a step has set, from the file that the runner gave it. */
export function outputsOf(folder: Folder): Readonly<Record<string, string>> {
  const matches = folder.read('output').matchAll(/^([\w-]+)<<(\S+)\n([^]*?)\n?\2$/gm)
  return Object.fromEntries([...matches].map(([, name = '', , value = '']) => [name, value]))
}
