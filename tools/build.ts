// `npm run build`: tsc, then ncc into dist/. `-- --check` builds beside it and compares, so that dist/ is what the
// sources give.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'

/** The programs that GitHub and people start, each a call of the bundle beside it. */
const PROGRAMS = {
  'main.js': "import { runAction } from './dredge.js'\n\nawait runAction()\n",
  'cli.js':
    "#!/usr/bin/env node\nimport process from 'node:process'\nimport { runCli } from './dredge.js'\n\nawait runCli(process.argv.slice(2))\n",
}

function build(into: string): void {
  rmSync('lib', { recursive: true, force: true })
  run('tsc', '-p', 'tsconfig.build.json')
  // Not before: what doesn't compile leaves what is there.
  rmSync(into, { recursive: true, force: true })
  run('ncc', 'build', 'lib/dredge.js', '-o', into, '--minify', '--no-cache', '--license', 'licenses.txt')
  renameSync(path.join(into, 'index.js'), path.join(into, 'dredge.js'))
  for (const [name, program] of Object.entries(PROGRAMS)) {
    writeFileSync(path.join(into, name), program, { mode: 0o755 })
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { status } = spawnSync(`node_modules/.bin/${program}`, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`${program} failed with status ${String(status)}`)
}

/** Files that aren't the same in both folders. */
function differences(a: string, b: string): readonly string[] {
  const names = new Set([...readdirSync(a), ...readdirSync(b)])
  return [...names].filter((name) => contentOf(a, name) !== contentOf(b, name))
}

function contentOf(folder: string, name: string): string | undefined {
  return readdirSync(folder).includes(name) ? readFileSync(path.join(folder, name), 'latin1') : undefined
}

if (process.argv.includes('--check')) {
  const beside = mkdtempSync(path.join(tmpdir(), 'dist-'))
  build(beside)
  const stale = differences('dist', beside)
  rmSync(beside, { recursive: true })
  if (stale.length > 0) {
    console.error(
      `dist/ is not what the sources give: ${stale.join(', ')}. Run npm run build and commit dist/.`,
    )
    process.exit(1)
  }
  console.log('dist/ is what the sources give')
} else {
  build('dist')
  for (const name of readdirSync('dist')) {
    console.log(`dist/${name} ${readFileSync(path.join('dist', name)).length.toLocaleString('en-US')} bytes`)
  }
}
