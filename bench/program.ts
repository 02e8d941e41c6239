import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'

const root = path.dirname(import.meta.dirname)
const POLICY = [
  'version: 1',
  'rules:',
  '  - { name: old, select: { tags: ["**"] }, keep: { newest: 5 }, delete: { not-pushed-for: 360d } }',
  '  - { name: leftovers, select: { untagged: true }, delete: { not-pushed-for: 7d } }',
  'limits: { max-deletes: 100000 }',
  '',
].join('\n')

/** Peak memory of the built command line planning a whole registry, in MB, and how long it took. */
export async function measureProgram(url: string): Promise<{ readonly peakMB: number; readonly ms: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  writeFileSync(path.join(folder, 'policy.yml'), POLICY)
  const started = performance.now()
  const report = "process.on('exit',()=>console.error('peak '+process.resourceUsage().maxRSS))"
  const child = spawn(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(report)}`,
      path.join(root, 'dist/cli.js'),
      'plan',
      '--policy',
      'policy.yml',
      '--decisions-file',
      'd.ndjson',
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], env: environment(url) },
  )
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-2000)
  })
  await once(child, 'close')
  rmSync(folder, { recursive: true })
  const [, peak] = /peak (\d+)/.exec(errors) ?? []
  if (child.exitCode !== 0 || peak === undefined) throw new Error(`the program failed: ${errors}`)
  return { peakMB: Number(peak) / 1024, ms: performance.now() - started }
}

/** Milliseconds from the start of the built action to its first request; the best of some starts. */
export async function measureStart(): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  writeFileSync(path.join(folder, 'policy.yml'), POLICY)
  let best = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
    const asked = once(server, 'request').then(() => performance.now())
    await once(server, 'listening')
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
    const started = performance.now()
    const child = spawn(
      process.execPath,
      [path.join(root, 'dist/cli.js'), 'plan', '--policy', 'policy.yml'],
      {
        cwd: folder,
        stdio: 'ignore',
        env: environment(url),
      },
    )
    best = Math.min(best, (await asked) - started)
    await once(child, 'exit')
    server.close()
  }
  rmSync(folder, { recursive: true })
  return best
}

/** Bytes of the bundle that GitHub loads. */
export function bundleBytes(): number {
  return statSync(path.join(root, 'dist/dredge.js')).size
}

function environment(url: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HARBOR_URL: url,
    HARBOR_USERNAME: 'admin',
    HARBOR_PASSWORD: 'Harbor12345',
  }
}
