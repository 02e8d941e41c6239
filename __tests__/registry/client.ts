// The client of a registry, against whatever is at an address, with hardly a pause between tries.
import process from 'node:process'
import { proxiesOf } from '../../src/commands/connection.ts'
import { connect, type ConnectionOptions } from '../../src/harbor/dispatcher.ts'
import { HarborError } from '../../src/harbor/errors.ts'
import type { Credentials } from '../../src/harbor/http.ts'
import { Registry } from '../../src/registry/registry.ts'
import { FAST } from '../helpers/connect.ts'

export interface RegistryClient {
  readonly registry: Registry
  /** The messages of what was tried again. */
  readonly retries: readonly string[]
  readonly close: () => Promise<void>
}

export interface RegistryClientOptions extends Partial<ConnectionOptions> {
  readonly credentials?: Credentials
}

export function registryAt(
  url: string,
  { credentials, ...connection }: RegistryClientOptions = {},
): RegistryClient {
  const dispatcher = connect({ concurrency: 4, proxies: proxiesOf(process.env), ...connection })
  const retries: string[] = []
  const registry = new Registry({
    url,
    ...(credentials === undefined ? {} : { credentials }),
    userAgent: 'harbor-dredge/test',
    retry: FAST,
    dispatcher,
    onRetry: ({ message }) => retries.push(message),
  })
  return { registry, retries, close: () => dispatcher.close() }
}

/** What went wrong. */
export async function complaintOf(work: Promise<unknown>): Promise<HarborError> {
  try {
    await work
  } catch (error) {
    if (error instanceof HarborError) return error
    throw error
  }
  throw new Error('it did not fail')
}
