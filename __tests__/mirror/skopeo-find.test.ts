// Which skopeo is used, and what is said when there is none that will do.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { copyArguments } from '../../src/mirror/skopeo-command.ts'
import { findSkopeo, type Skopeo } from '../../src/mirror/skopeo-find.ts'
import { OLDEST, parseVersion, SINCE } from '../../src/mirror/skopeo-version.ts'
import { Lab } from './skopeo-lab.ts'

const REAL = spawnSync('skopeo', ['--version']).status === 0

let lab: Lab
beforeAll(async () => {
  lab = await Lab.start()
})
afterAll(() => lab.close())

const folderOf = ({ path: file }: Skopeo): string => path.dirname(file)
const saying = (words: string): string => folderOf(lab.fake(`echo "${words}"`))

describe('found', () => {
  const real = REAL ? test : test.skip
  real('the one of this machine', async () => {
    const { path: file, version } = await findSkopeo()
    expect(path.isAbsolute(file)).toBe(true)
    expect(version).toMatch(/^1\.\d+\.\d+$/)
  })

  test.each([
    ['skopeo version 1.6.0', '1.6.0'],
    ['skopeo version 1.13.3', '1.13.3'],
    ['skopeo version 1.21.0-dev', '1.21.0'],
    ['skopeo version 1.18.0 commit: 9c05cbf5cbfb9bf2e0bf22f3a1e6d2e4', '1.18.0'],
    ['skopeo version 2.0', '2.0.0'],
  ])('%s', async (words, version) => {
    expect(await findSkopeo(saying(words))).toMatchObject({ version })
  })

  test('the first in PATH that is a program', async () => {
    const folder = path.join(lab.temp, 'bin')
    mkdirSync(path.join(folder, 'skopeo'), { recursive: true })
    const plain = path.join(lab.temp, 'plain')
    mkdirSync(plain)
    writeFileSync(path.join(plain, 'skopeo'), 'not to be run')
    const good = saying('skopeo version 1.9.3')
    const places = ['', '.', '/nowhere', folder, plain, good, saying('skopeo version 1.20.0')].join(':')
    expect(await findSkopeo(places)).toEqual({ path: path.join(good, 'skopeo'), version: '1.9.3' })
  })
})

describe('refused', () => {
  test.each(['', '.:relative', '/nowhere'])('none in PATH %j', async (places) => {
    await expect(findSkopeo(places)).rejects.toMatchObject({
      name: 'NoSkopeo',
      message: expect.stringMatching(
        /^images are copied by skopeo, and there is none in PATH \(.+\); install it \(Ubuntu, Debian: `sudo apt-get/,
      ),
    })
  })

  test.each(['0.1.41', '1.4.1', '1.5.2'])('%s is too old', async (version) => {
    const places = saying(`skopeo version ${version}`)
    await expect(findSkopeo(places)).rejects.toThrow(
      `${places}/skopeo is skopeo ${version}, which can't copy images without changing their digests; ` +
        'that takes 1.6.0 or newer. Ubuntu 22.04 has 1.4.1 and no newer one: use `runs-on: ubuntu-24.04`',
    )
  })

  test('something else by that name', async () => {
    await expect(findSkopeo(saying('buildah version 1.33.7'))).rejects.toThrow(
      '--version says "buildah version 1.33.7", which isn\'t the version of a skopeo; install it',
    )
  })

  test('one that fails', async () => {
    const places = folderOf(lab.fake('echo "libgpgme.so.11: cannot open shared object file" >&2; exit 127'))
    await expect(findSkopeo(places)).rejects.toThrow(
      `${places}/skopeo --version ended with status 127: libgpgme.so.11: cannot open shared object file; install it`,
    )
  })

  test('one that is killed, and one that does not run', async () => {
    await expect(findSkopeo(folderOf(lab.fake('kill -9 $$')))).rejects.toThrow('--version ended with SIGKILL')
    const folder = folderOf(lab.fake(''))
    writeFileSync(path.join(folder, 'skopeo'), '#!/nowhere/interpreter\n')
    await expect(findSkopeo(folder)).rejects.toThrow(/--version could not be run: spawn \S+ ENOENT/)
  })
})

describe('options by version', () => {
  const side = { reference: 'h.example/a:b', tlsVerify: true, authFile: '/a', certDir: '/c' }
  const options = copyArguments(side, side, { policy: '/p', registriesD: '/r', tmp: '/t' })
    .filter((word) => word.startsWith('--'))
    .map((word) => word.split('=', 1).join(''))

  test('each that is used has its first release', () => {
    expect(new Set(options)).toEqual(new Set(Object.keys(SINCE)))
    expect(OLDEST).toEqual([1, 6, 0])
  })

  const real = REAL ? test : test.skip
  real('the skopeo of this machine knows them all', () => {
    const help = spawnSync('skopeo', ['copy', '--help'], { encoding: 'utf8' }).stdout
    const general = spawnSync('skopeo', ['--help'], { encoding: 'utf8' }).stdout
    const known = new Set([...`${help}${general}`.matchAll(/--[\w.-]+/g)].map(([option]) => option))
    expect(options.filter((option) => !known.has(option))).toEqual([])
  })

  test.each(['', 'skopeo', 'version 1.9', 'x skopeo version 1.9.3'])('%j has no version', (text) => {
    expect(parseVersion(text)).toBeUndefined()
  })
})
