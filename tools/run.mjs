// Runs one of the project's TypeScript programs from a fresh clone: installs the locked packages when they
// aren't there, then starts the program under the action's own runtime (Node 24), which is one of them.
// Plain JavaScript on purpose: this file alone has to run on whatever Node (20 or newer) the machine has.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const stamp = path.join(root, 'node_modules', '.installed-lock')

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
}

function installedDigest() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
}

function install() {
  console.error('Installing the locked packages (npm ci) …')
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (npm.status !== 0) {
    console.error(
      `npm ci failed (${npm.error?.message ?? `status ${npm.status}`}). Is npm on the PATH, and its registry reachable?`,
    )
    process.exit(1)
  }
  mkdirSync(path.dirname(stamp), { recursive: true })
  writeFileSync(stamp, lockDigest())
}

/** The locked Node 24 for this platform; elsewhere the Node that is running, if it is new enough. */
function node24() {
  const locked = path.join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(locked)) return locked
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  console.error(
    `No locked Node 24 for ${process.platform}-${process.arch}: run this with Node 24 or newer (this is ${process.version}).`,
  )
  process.exit(1)
}

if (installedDigest() !== lockDigest()) install()
const [program, ...args] = process.argv.slice(2)
const node = node24()
const child = spawnSync(node, ['--disable-warning=ExperimentalWarning', path.join(root, program), ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` },
})
process.exit(child.status ?? 1)
