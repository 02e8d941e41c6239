// `npm run lint:workflows`: actionlint and zizmor over this repository's workflows and the examples. Both are installed
// once, in the versions that are named here and in linters.txt, into node_modules/.cache.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { debianPackages } from './debian.ts'

const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
const PINNED = path.join('tools', 'linters.txt')

debianPackages({ pip3: 'python3-pip', shellcheck: 'shellcheck' })
const pins = createHash('sha256').update(ACTIONLINT).update(readFileSync(PINNED)).digest('hex').slice(0, 12)
const linters = path.resolve('node_modules', '.cache', `linters-${pins}`)
if (!existsSync(linters)) install(linters)

const [own, examples] = [workflowsIn(path.join('.github', 'workflows')), workflowsIn('examples')]
// actionlint has shellcheck look at the scripts in them.
const clean = run(path.join(linters, 'actionlint'), ['-pyflakes=', ...own, ...examples])
const pedantic = ['--offline', '--persona=pedantic', '--no-progress', '--quiet']
const safe = run(path.join(linters, 'zizmor'), [...pedantic, 'action.yml', '.github', ...examples])
console.log(`workflows: ${clean && safe ? `${own.length + examples.length} ok` : 'FAILED'}`)
process.exit(clean && safe ? 0 : 1)

function workflowsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => path.join(folder, name))
}

/** Makes the folder that has both linters; nothing is left of it when that fails. */
function install(folder: string): void {
  console.error('Installing zizmor and actionlint …')
  mkdirSync(path.dirname(folder), { recursive: true })
  const beside = mkdtempSync(`${folder}.`)
  process.on('exit', () => {
    rmSync(beside, { recursive: true, force: true })
  })
  const [packages, made] = [path.join(beside, 'packages'), path.join(beside, 'made')]
  mkdirSync(made)
  const pip = ['--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', '--root-user-action=ignore']
  if (!run('pip3', ['install', ...pip, '--target', packages, '--requirement', PINNED])) {
    stop(`pip3 could not install what ${PINNED} names; is pypi.org reachable?`)
  }
  const environment = {
    GOBIN: made,
    GOPATH: path.join(beside, 'go'),
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'local',
  }
  if (!run(path.join(packages, 'go', 'bin', 'go'), ['install', ACTIONLINT], environment)) {
    stop(`${ACTIONLINT} could not be built; are proxy.golang.org and sum.golang.org reachable?`)
  }
  copyFileSync(path.join(packages, 'bin', 'zizmor'), path.join(made, 'zizmor'))
  renameSync(made, folder)
}

function stop(message: string): never {
  console.error(message)
  process.exit(1)
}

function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): boolean {
  const { status, error } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  })
  if (error !== undefined) console.error(`${program}: ${error.message}`)
  return status === 0
}
