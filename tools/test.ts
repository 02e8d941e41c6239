// `npm test`: installs what Debian provides and the tests use, then runs Jest over everything.
import { spawnSync } from 'node:child_process'
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
const jest = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    // A test that fails may leave a server behind; the run has to end all the same.
    '--forceExit',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
)
process.exit(jest.status ?? 1)
