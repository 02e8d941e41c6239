import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** A browser without a window, a page at a time, with nothing left of it afterwards. */
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND',
]

/** The elements of a page once it is loaded and its scripts, if it has any, have run. */
export function domOf(html: string): string {
  return inBrowser(html, ['--dump-dom'])
}

/** Writes a picture of a page. */
export function takePicture(html: string, file: string, width: number, height: number): void {
  inBrowser(html, [`--screenshot=${path.resolve(file)}`, `--window-size=${width},${height}`])
}

function inBrowser(html: string, args: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'browser-'))
  try {
    const file = path.join(folder, 'page.html')
    writeFileSync(file, html)
    const { status, stdout, stderr, error } = spawnSync(
      'chromium',
      [...QUIET, `--user-data-dir=${path.join(folder, 'profile')}`, ...args, pathToFileURL(file).href],
      { encoding: 'utf8', maxBuffer: 2 ** 28, timeout: 120_000 },
    )
    if (status !== 0) throw new Error(`chromium failed: ${error?.message ?? stderr}`)
    return stdout
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
