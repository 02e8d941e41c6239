import { execFile } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const ROOT = path.join(import.meta.dirname, '../..')
const PATIENCE = 20_000

/**
 * Runs a module in a Node of its own, and ends it when that takes too long.
 *
 * @param code with `{src}` for the folder of the sources
 * @returns what it printed
 */
export async function runModule(code: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', code.replaceAll('{src}', path.join(ROOT, 'src'))],
    { env: { PATH: process.env['PATH'], ...env }, timeout: PATIENCE, cwd: ROOT },
  )
  return stdout.trim()
}
