// `npm run demo`: starts the stand-in Harbor with a registry worth looking at, runs the built action on it as GitHub
// would, and prints what the step printed and where its files lie.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { startStandIn } from '../stand-in/stand-in.ts'
import { fillRegistry } from './registry.ts'

const root = path.dirname(import.meta.dirname)
const folder = path.join(root, '.demo')
const summary = path.join(folder, 'summary.md')
const outputs = path.join(folder, 'outputs.txt')

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
writeFileSync(summary, '')
writeFileSync(outputs, '')

const harbor = await startStandIn()
fillRegistry(harbor.registry, Date.now())
const mirror = await startStandIn()
mirror.registry.addProject({ name: 'harbor' })
console.log(`The stand-in Harbor listens on ${harbor.url}\n`)

const inputs: Readonly<Record<string, string>> = {
  command: 'plan',
  policy: path.join('demo', 'policy.yml'),
  'harbor-url': harbor.url,
  'harbor-username': 'admin',
  'harbor-password': 'Harbor12345',
  'plan-file': path.join('.demo', 'plan.json'),
  'decisions-file': path.join('.demo', 'decisions.csv'),
  'work-dir': path.join('.demo', 'work'),
  'mirror-registry': `${mirror.url}/harbor`,
  'mirror-username': 'admin',
  'mirror-password': 'Harbor12345',
  'mirror-insecure-skip-tls-verify': 'true',
  sizes: 'exact',
}
const step = spawn(process.execPath, [path.join('dist', 'main.js')], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    PATH: process.env['PATH'],
    GITHUB_ACTIONS: 'true',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_EVENT_NAME: 'schedule',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'example/registry',
    GITHUB_RUN_ID: '1',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_WORKSPACE: root,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_OUTPUT: outputs,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
  },
})
const exited = once(step, 'exit')
// The runner takes the lines that name secrets out of the log.
for await (const line of createInterface({ input: step.stdout })) {
  if (!line.startsWith('::add-mask::')) console.log(line)
}
await exited
await harbor.close()
await mirror.close()

console.log('The step left')
for (const [file, what] of [
  ['summary.md', 'the job summary, as GitHub gets it'],
  ['plan.json', 'the plan'],
  ['decisions.csv', 'a line for every tag and untagged artifact, kept ones too'],
  ['outputs.txt', 'the outputs'],
]) {
  console.log(`  .demo/${file ?? ''}  ${what ?? ''}`)
}
process.exit(step.exitCode ?? 1)
