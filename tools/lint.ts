// `npm run lint`: types, lint and format, each reported even when the one before failed.
import { spawnSync } from 'node:child_process'
import process from 'node:process'

const fix = process.argv.includes('--fix')
const checks: readonly (readonly [string, ...string[]])[] = [
  ['types', 'tsc', '--noEmit', '-p', 'tsconfig.json'],
  ['lint', 'oxlint', '--deny-warnings', ...(fix ? ['--fix'] : [])],
  ['format', 'prettier', '--log-level=warn', fix ? '--write' : '--check', '.'],
]

let failed = 0
for (const [name, program = '', ...args] of checks) {
  const started = performance.now()
  const { status } = spawnSync(`node_modules/.bin/${program}`, args, { stdio: 'inherit' })
  if (status !== 0) failed += 1
  console.log(
    `${name}: ${status === 0 ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
  )
}
process.exit(failed === 0 ? 0 : 1)
