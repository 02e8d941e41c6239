/** @jest-environment ./__tests__/helpers/environment.mjs */
// What a connection is made of, from a file and from the environment: read, checked, and told with what to do.
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { proxiesOf, readAuthority } from '../../src/commands/connection.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { Folder } from '../helpers/program.ts'

const one = selfSigned('IP:127.0.0.1')
const other = selfSigned('DNS:harbor.example')

describe('a CA file', () => {
  let folder: Folder
  let file: string
  beforeEach(() => {
    folder = new Folder()
    file = path.join(folder.path, 'ca.pem')
  })
  afterEach(() => {
    folder.remove()
  })

  test('with certificates among other words', async () => {
    folder.write('ca.pem', `# ours\r\n${one.cert.replaceAll('\n', '\r\n')}\n# theirs\n${other.cert}`)
    const certificates = (await readAuthority(file, 'ca-file')).match(/BEGIN CERTIFICATE/g)
    expect(certificates).toHaveLength(2)
  })

  test.each([
    ['nothing', ''],
    ['DER', new Uint8Array([0x30, 0x82, 0x03])],
    ['a key', one.key],
    ['words', 'see https://wiki.example/ca'],
  ])('with %s: no certificate', async (_what, content) => {
    folder.write('ca.pem', content)
    await expect(readAuthority(file, 'ca-file')).rejects.toMatchObject({
      message: `${file} has no PEM certificate (-----BEGIN CERTIFICATE-----) in it; see the input \`ca-file\``,
      outcome: { status: 2, reason: 'bad-input' },
    })
  })

  test('with a certificate that is none', async () => {
    folder.write('ca.pem', `${one.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`)
    await expect(readAuthority(file, 'ca-file')).rejects.toThrow(
      /ca\.pem has a certificate in it that cannot be read: .+; see the input `ca-file`$/,
    )
  })
})

describe('proxies', () => {
  test.each<readonly [NodeJS.ProcessEnv, readonly [string, string, string]]>([
    [{}, ['', '', '']],
    [
      { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'https://q:2', NO_PROXY: 'a,b' },
      ['http://p:1', 'https://q:2', 'a,b'],
    ],
    [{ http_proxy: 'http://p:1', HTTP_PROXY: 'http://q:2', no_proxy: '*' }, ['http://p:1', '', '*']],
    [{ HTTPS_PROXY: 'proxy.corp:3128' }, ['', 'http://proxy.corp:3128', '']],
    [{ HTTPS_PROXY: 'user:s3cret@proxy.corp:3128' }, ['', 'http://user:s3cret@proxy.corp:3128', '']],
    [{ HTTP_PROXY: ' ' }, ['', '', '']],
  ])('%j', (environment, [httpProxy, httpsProxy, noProxy]) => {
    expect(proxiesOf(environment)).toEqual({ httpProxy, httpsProxy, noProxy })
  })

  test.each(['socks5://u:s3cret@proxy:1', 'http://u:s3cret@', 'http://u:s3cret@proxy:99999', 'u:s3cret@a b'])(
    '%s is none, and isn’t shown',
    (written) => {
      expect(() => proxiesOf({ HTTP_PROXY: written })).toThrow(
        new Error('HTTP_PROXY in the environment is no URL of a proxy'),
      )
    },
  )
})
