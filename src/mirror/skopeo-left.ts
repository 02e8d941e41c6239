import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { codeOf } from '../shared/failure.ts'

/** What the names of all folders begin with. */
export const PREFIX = 'harbor-dredge-skopeo-'
const OWNER = 'owner'

/** Folders of this process. */
const own = new Set<string>()

/**
 * Writes down whose folder this is.
 *
 * @throws Error of Node's when that can't be written
 */
export function claim(folder: string): void {
  own.add(folder)
  writeFileSync(path.join(folder, OWNER), `${process.pid} ${hostname()}\n`, { mode: 0o600, flag: 'wx' })
}

export function disclaim(folder: string): void {
  own.delete(folder)
}

/**
 * Removes what runs left that were killed (SIGKILL, no memory, no power): there may be credentials in it. Only what
 * belongs to this account, was made on this machine, and by a process that lives no more.
 */
export function removeLeft(parent: string): void {
  for (const name of namesIn(parent)) {
    const folder = path.join(parent, name)
    try {
      if (isLeft(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    } catch {
      // Somebody else's, or one that is being made or removed right now.
    }
  }
}

function namesIn(parent: string): readonly string[] {
  try {
    return readdirSync(parent).filter((name) => name.startsWith(PREFIX))
  } catch {
    return []
  }
}

function isLeft(folder: string): boolean {
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || own.has(folder)) return false
  const [, pid = '', host] = /^(\d+) (.*)\n$/.exec(readFileSync(path.join(folder, OWNER), 'utf8')) ?? []
  // In a container the same number comes again and again.
  return host === hostname() && (Number(pid) === process.pid || !lives(Number(pid)))
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}
