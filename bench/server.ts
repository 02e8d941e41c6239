import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'

const root = path.dirname(import.meta.dirname)

/** A stand-in Harbor in a process of its own. */
export interface Server {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Starts a stand-in Harbor with artifacts spread over repositories in some shape.
 *
 * @param costs whether requests take as long as a real Harbor's on two cores
 */
export async function startServer(
  shape: string,
  artifacts: number,
  costs: 'none' | 'harbor',
): Promise<Server> {
  const args = ['stand-in/serve.ts', '--shape', shape, '--artifacts', String(artifacts), '--costs', costs]
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--max-old-space-size=12000', ...args],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  return { url: await firstLine(child), stop: () => stop(child) }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the stand-in has no output')
  for await (const line of createInterface({ input: child.stdout })) return line
  throw new Error('the stand-in ended before it listened')
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
