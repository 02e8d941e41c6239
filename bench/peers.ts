// Other programs that copy images from registry to registry, each run as its manual has it.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

/** What is copied from where to where, and a folder for what a program needs. */
export interface Errand {
  /** Host and port, by http. */
  readonly source: string
  readonly target: string
  readonly credentials: { readonly username: string; readonly password: string }
  /** All of each is copied. */
  readonly repositories: readonly string[]
  readonly folder: string
}

const run = promisify(execFile)

/** `skopeo sync --all`, a repository after the other: it takes one at a time. */
export async function skopeoSync({
  source,
  target,
  credentials,
  repositories,
  folder,
}: Errand): Promise<void> {
  const policy = path.join(folder, 'trust.json')
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}')
  const authFile = path.join(folder, 'auth.json')
  const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')
  writeFileSync(authFile, JSON.stringify({ auths: { [source]: { auth } } }), { mode: 0o600 })
  const options =
    '--all --preserve-digests --src-tls-verify=false --dest-tls-verify=false --src docker --dest docker'
  for (const name of repositories) {
    const files = ['--policy', policy, 'sync', '--authfile', authFile]
    const places = [`${source}/${name}`, `${target}/${path.dirname(name)}`]
    await run('skopeo', [...files, ...options.split(' '), ...places])
  }
}

/** `regsync once`, with as many at once as its manual's example of a busy one has. */
export async function regsync({ source, target, credentials, repositories, folder }: Errand): Promise<void> {
  const configuration = path.join(folder, 'regsync.yml')
  const { username: user, password: pass } = credentials
  const content = {
    version: 1,
    creds: [
      { registry: source, tls: 'disabled', user, pass },
      { registry: target, tls: 'disabled' },
    ],
    defaults: { parallel: 8 },
    sync: repositories.map((name) => ({
      source: `${source}/${name}`,
      target: `${target}/${name}`,
      type: 'repository',
    })),
  }
  writeFileSync(configuration, JSON.stringify(content), { mode: 0o600 })
  await run('regsync', ['once', '-c', configuration, '-v', 'error'], {
    env: { ...process.env, HOME: folder },
  })
}

/** Whether there is a regsync in PATH; it isn't among Debian's packages. */
export function hasRegsync(): Promise<boolean> {
  return run('regsync', ['version']).then(
    () => true,
    () => false,
  )
}
