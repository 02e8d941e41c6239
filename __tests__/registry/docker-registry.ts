// The registry of Debian's package docker-registry (distribution 2.8), as a program, with its storage in a folder.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll } from '@jest/globals'

export const ACCOUNT = { username: 'mirror', password: 'pässword: of+the/mirror=registry' }
/** The account as htpasswd has it: `$2b$05$…`, made of the password in UTF-8 by crypt(3). */
const HTPASSWD = `mirror:$2b$05$abcdefghijklmnopqrstuuMc48LGVn89.mjrpUdyFrgHxEpMOerVO\n`

export type Authentication =
  | { readonly kind: 'none' }
  | { readonly kind: 'htpasswd' }
  | {
      readonly kind: 'token'
      readonly realm: string
      readonly service: string
      readonly issuer: string
      /** PEM; tokens are signed with its key. */
      readonly certificate: string
    }

export interface DockerRegistry {
  readonly url: string
  /** The folder that it keeps everything in, and nothing of it in memory. */
  readonly storage: string
  readonly close: () => Promise<void>
}

const started: DockerRegistry[] = []

// Also where a test failed before it came to that.
afterAll(async () => {
  for (const one of started.splice(0)) await one.close()
})

/**
 * Starts one that ends with the test file, or before.
 *
 * @param more settings beside these; by itself it takes no manifest that names URLs
 */
export async function startDockerRegistry(
  authentication: Authentication = { kind: 'none' },
  more: Readonly<Record<string, unknown>> = {},
): Promise<DockerRegistry> {
  const folder = await mkdtemp(path.join(tmpdir(), 'docker-registry-'))
  const at = (name: string): string => path.join(folder, name)
  await writeFile(at('htpasswd'), HTPASSWD)
  await writeFile(at('root.pem'), authentication.kind === 'token' ? authentication.certificate : '')
  // YAML takes JSON.
  const configuration = {
    version: '0.1',
    log: { level: 'info' },
    storage: { filesystem: { rootdirectory: at('storage') }, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0' },
    ...authOf(authentication, at),
    ...more,
  }
  await writeFile(at('config.yml'), JSON.stringify(configuration))
  const child = spawn('docker-registry', ['serve', at('config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.kill()) await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
  started.push({ url: '', storage: '', close })
  return { url: `http://127.0.0.1:${await portOf(child)}`, storage: at('storage'), close }
}

function authOf(authentication: Authentication, at: (name: string) => string): object {
  switch (authentication.kind) {
    case 'none':
      return {}
    case 'htpasswd':
      return { auth: { htpasswd: { realm: 'mirror', path: at('htpasswd') } } }
    case 'token': {
      const { realm, service, issuer } = authentication
      return { auth: { token: { realm, service, issuer, rootcertbundle: at('root.pem') } } }
    }
  }
}

/** It listens on a free port, and says on which. */
async function portOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('docker-registry has nowhere to write')
  const lines: string[] = []
  const reader = createInterface(child.stderr)
  for await (const line of reader) {
    lines.push(line)
    const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(line) ?? []
    if (port !== undefined) {
      child.stderr.resume()
      return port
    }
  }
  throw new Error(`docker-registry did not start:\n${lines.join('\n')}`)
}
