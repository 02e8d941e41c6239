// A mirror run beside `skopeo sync --all`: the same images from the same stand-in to a docker-registry each.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { setTimeout } from 'node:timers/promises'
import * as v from 'valibot'
import { run } from '../src/commands/run.ts'
import type { Host } from '../src/shells/host.ts'

const POLICY = 'version: 1\nrules: [{ name: all, select: { tags: ["**"] }, copy: always }]\n'
const PASSWORD = 'Harbor12345'

export interface MirrorFigures {
  /** Milliseconds, into an empty registry and with nothing new. */
  readonly first: number
  readonly again: number
  readonly images: number
}

export interface MirrorComparison {
  readonly ours: MirrorFigures
  readonly skopeo: MirrorFigures
}

/** @param url a stand-in with repositories of images, all of which are copied */
export async function measureMirror(url: string): Promise<MirrorComparison> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const registries = [await startRegistry(folder, 'ours'), await startRegistry(folder, 'skopeo')] as const
  try {
    const ours = await withUs(url, registries[0].url, folder)
    const skopeo = await withSkopeo(url, registries[1].url, folder)
    return { ours, skopeo }
  } finally {
    for (const { child } of registries) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true })
  }
}

async function withUs(url: string, mirror: string, folder: string): Promise<MirrorFigures> {
  const outputs: Record<string, string> = {}
  const problems: string[] = []
  const host: Host = {
    say: () => undefined,
    warn: (text) => problems.push(text),
    complain: (text) => problems.push(text),
    progress: () => undefined,
    output: (name, value) => {
      outputs[name] = value
    },
    report: () => undefined,
  }
  const policy = path.join(folder, 'policy.yml')
  writeFileSync(policy, POLICY)
  const given = {
    policy,
    'harbor-url': url,
    'harbor-username': 'admin',
    'harbor-password': PASSWORD,
    'plan-file': path.join(folder, 'plan.json'),
    'work-dir': path.join(folder, 'work'),
    'mirror-registry': mirror,
  }
  const timed = async (): Promise<number> => {
    const started = performance.now()
    await run({ ...given, command: 'plan' }, host, Date.now())
    const planId = outputs['plan-id'] ?? ''
    const { status } = await run({ ...given, command: 'apply', 'plan-id': planId }, host, Date.now())
    if (status !== 0) throw new Error(problems.join('\n'))
    return performance.now() - started
  }
  const first = await timed()
  rmSync(path.join(folder, 'work'), { recursive: true })
  const again = await timed()
  return { first, again, images: Number(outputs['applied']) }
}

async function withSkopeo(url: string, mirror: string, folder: string): Promise<MirrorFigures> {
  const [source, target] = [new URL(url).host, new URL(mirror).host]
  const policy = path.join(folder, 'trust.json')
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}')
  const authFile = path.join(folder, 'auth.json')
  const auth = Buffer.from(`admin:${PASSWORD}`).toString('base64')
  writeFileSync(authFile, JSON.stringify({ auths: { [source]: { auth } } }), { mode: 0o600 })
  const answer = await fetch(`${url}/api/v2.0/repositories?page_size=100`, {
    headers: { authorization: `Basic ${auth}` },
  })
  const repositories = v.parse(v.array(v.object({ name: v.string() })), await answer.json())
  const timed = async (): Promise<number> => {
    const started = performance.now()
    for (const { name } of repositories) {
      await promisify(execFile)('skopeo', [
        '--policy',
        policy,
        'sync',
        '--all',
        '--preserve-digests',
        '--authfile',
        authFile,
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        '--src',
        'docker',
        '--dest',
        'docker',
        `${source}/${name}`,
        `${target}/${path.dirname(name)}`,
      ])
    }
    return performance.now() - started
  }
  return { first: await timed(), again: await timed(), images: repositories.length }
}

/** Debian's docker-registry on a free port, with a folder of its own. */
async function startRegistry(
  folder: string,
  name: string,
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const port = await freePort()
  const storage = path.join(folder, name)
  mkdirSync(storage)
  const configuration = path.join(folder, `${name}.yml`)
  writeFileSync(
    configuration,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${storage} } }\nhttp: { addr: 127.0.0.1:${port} }\n`,
  )
  const child = spawn('docker-registry', ['serve', configuration], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'] },
  })
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 100; tries += 1) {
    const isThere = await fetch(`${url}/v2/`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isThere) return { url, child }
    await setTimeout(50)
  }
  throw new Error('docker-registry does not start')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
