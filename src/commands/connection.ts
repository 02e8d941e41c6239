import { X509Certificate } from 'node:crypto'
import type { Proxies } from '../harbor/dispatcher.ts'
import { messageOf } from '../shared/failure.ts'
import type { Host } from '../shells/host.ts'
import { readInputFile } from './files.ts'
import { Failed } from './outcome.ts'

/**
 * Reads a file of certificates to trust.
 *
 * @throws Failed when it can't be read or has no certificate in it, which would be the same as no file
 */
export async function readAuthority(file: string, input: string): Promise<string> {
  const pem = (await readInputFile(file, input)).toString('latin1')
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? []
  if (certificates.length === 0) {
    throw bad(`${file} has no PEM certificate (-----BEGIN CERTIFICATE-----) in it`, input)
  }
  for (const certificate of certificates) {
    try {
      void new X509Certificate(certificate)
    } catch (error) {
      throw bad(`${file} has a certificate in it that cannot be read: ${messageOf(error)}`, input)
    }
  }
  return certificates.join('\n')
}

function bad(message: string, input: string): Failed {
  return new Failed(`${message}; see the input \`${input}\``, { status: 2, reason: 'bad-input' })
}

/**
 * The certificates to trust beside the public ones; undefined where no file was given.
 *
 * @throws Failed as `readAuthority` does
 */
export async function authorityOf(file: string | undefined, input: string): Promise<string | undefined> {
  return file === undefined ? undefined : readAuthority(file, input)
}

/** Says of everything that is tried again why, and when. */
export function tellingRetries(host: Host): (error: Error, pauseMs: number) => void {
  return (error, pauseMs) => {
    host.say(`${error.message}; again in ${(pauseMs / 1000).toFixed(1)} s`)
  }
}

/**
 * The proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, or their lower-case forms. Like curl's, they may lack
 * their `http://`.
 *
 * @throws Failed when one isn't a URL; never with the URL, which may have a password in it
 */
export function proxiesOf(environment: Readonly<NodeJS.ProcessEnv>): Proxies {
  const proxy = (variable: string): string => {
    const value = (environment[variable.toLowerCase()] ?? environment[variable] ?? '').trim()
    if (value === '') return ''
    const url = /^\w+:\/\//.test(value) ? value : `http://${value}`
    if (URL.canParse(url) && /^https?:/.test(url)) return url
    throw new Failed(`${variable} in the environment is no URL of a proxy`, {
      status: 2,
      reason: 'bad-input',
    })
  }
  return {
    httpProxy: proxy('HTTP_PROXY'),
    httpsProxy: proxy('HTTPS_PROXY'),
    noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
  }
}
