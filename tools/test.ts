// `npm test`: installs what Debian provides and the tests use, then runs Jest over everything.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { debianPackages } from './debian.ts'

debianPackages({
  skopeo: 'skopeo',
  'docker-registry': 'docker-registry',
  jq: 'jq',
  curl: 'curl',
  'cmark-gfm': 'cmark-gfm',
  chromium: 'chromium',
})
/** More would keep each other's registries, skopeos and browsers waiting. */
const MOST_WORKERS = 4

const jest = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    // A test that fails may leave a server behind; the run has to end all the same.
    '--forceExit',
    // By itself Jest leaves one processor out, and takes one test after the other where there are two.
    `--maxWorkers=${Math.min(MOST_WORKERS, availableParallelism())}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
)
process.exit(jest.status ?? 1)
