import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { messageOf } from '../shared/failure.ts'
import { start } from './skopeo-process.ts'
import { isBefore, OLDEST, parseVersion } from './skopeo-version.ts'

/** A skopeo that can copy images as they are. */
export interface Skopeo {
  /** Absolute. */
  readonly path: string
  /** `1.13.3` */
  readonly version: string
}

/** There is no skopeo to work with. The message says what was found, and what to do. */
export class NoSkopeo extends Error {
  override readonly name = 'NoSkopeo'
}

/** How long it may take to say its version. It takes some 20 ms, on a busy runner more. */
const PATIENCE = 30_000
const INSTALL =
  'install it (Ubuntu, Debian: `sudo apt-get update && sudo apt-get install -y skopeo`; Fedora: `sudo dnf install -y skopeo`; macOS: `brew install skopeo`)'

/** Looks for skopeo, and whether it will do. */
export async function findSkopeo(places = process.env['PATH'] ?? ''): Promise<Skopeo> {
  return checkSkopeo(await locateSkopeo(places))
}

/**
 * Looks for skopeo where programs are. Nothing is run.
 *
 * @param places the value of PATH; what in it isn't absolute is passed over, so that nothing is run that lies in the
 * folder which happens to be the current one
 * @throws NoSkopeo when there is none
 */
export async function locateSkopeo(places = process.env['PATH'] ?? ''): Promise<string> {
  const found = await firstProgram(places)
  if (found !== undefined) return found
  throw new NoSkopeo(
    `images are copied by skopeo, and there is none in PATH (${places === '' ? 'which is empty' : places}); ${INSTALL}. ` +
      "GitHub's runner ubuntu-24.04 comes with it; ubuntu-slim, Windows and macOS runners don't",
  )
}

/**
 * Asks a skopeo for its version.
 *
 * @throws NoSkopeo when it isn't one that will do
 */
export async function checkSkopeo(found: string): Promise<Skopeo> {
  const printed = await versionText(found)
  const version = parseVersion(printed)
  if (version === undefined) {
    throw new NoSkopeo(
      `${found} --version says "${firstLine(printed)}", which isn't the version of a skopeo; ${INSTALL}`,
    )
  }
  if (isBefore(version, OLDEST)) {
    throw new NoSkopeo(
      `${found} is skopeo ${version.join('.')}, which can't copy images without changing their digests; ` +
        `that takes ${OLDEST.join('.')} or newer. Ubuntu 22.04 has 1.4.1 and no newer one: use \`runs-on: ubuntu-24.04\` there, or a container with a newer one`,
    )
  }
  return { path: found, version: version.join('.') }
}

async function firstProgram(places: string): Promise<string | undefined> {
  for (const place of places.split(path.delimiter)) {
    const candidate = path.join(place, 'skopeo')
    if (path.isAbsolute(place) && (await isProgram(candidate))) return candidate
  }
  return undefined
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

/** @throws NoSkopeo when it doesn't run */
async function versionText(file: string): Promise<string> {
  const running = start(file, ['--version'], { env: { PATH: process.env['PATH'] }, output: 'both' })
  const timer = setTimeout(() => {
    running.end()
  }, PATIENCE)
  const { error, status, signal, said } = await running.ended
  clearTimeout(timer)
  if (status === 0) return said
  const what =
    error === undefined
      ? `ended with ${signal ?? `status ${status ?? 0}`}: ${firstLine(said)}`
      : `could not be run: ${messageOf(error)}`
  throw new NoSkopeo(`${file} --version ${what}; ${INSTALL}`)
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1).join('').slice(0, 100)
}
