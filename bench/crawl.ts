import type { Dispatcher } from 'undici'
import { request } from 'undici'
import { crawl } from '../src/crawl/crawl.ts'
import { connect } from '../src/harbor/dispatcher.ts'
import { Harbor } from '../src/harbor/harbor.ts'
import { Http } from '../src/harbor/http.ts'
import { DEFAULT_RETRY } from '../src/harbor/retry.ts'
import { needsOf } from '../src/policy/needs.ts'
import { parsePolicy } from '../src/policy/parse.ts'
import { forEachOf } from '../src/shared/concurrency.ts'

const CREDENTIALS = { username: 'admin', password: 'Harbor12345' }
const POLICY =
  'version: 1\nrules: [{ name: all, select: { tags: ["**"] }, delete: { not-pushed-for: 90d } }]\n'

export interface CrawlFigures {
  readonly artifacts: number
  readonly requests: number
  readonly crawlMs: number
  /** The same requests sent blindly, their answers read and thrown away. */
  readonly replayMs: number
}

/** Crawls a server, then sends it the same requests in the same order at the same concurrency. */
export async function measureCrawl(url: string, concurrency: number): Promise<CrawlFigures> {
  const sent: string[] = []
  const connection = connect({ concurrency })
  const recording = connection.compose((dispatch) => (options, handler) => {
    sent.push(options.path)
    return dispatch(options, handler)
  })
  const started = performance.now()
  const artifacts = await crawlAll(url, recording, concurrency)
  const crawlMs = performance.now() - started
  const authorization = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64')}`
  const restarted = performance.now()
  await forEachOf(sent, concurrency, async (path) => {
    const { body } = await request(url + path, { dispatcher: connection, headers: { authorization } })
    await body.dump({ limit: 2 ** 30 })
  })
  const replayMs = performance.now() - restarted
  await connection.close()
  return { artifacts, requests: sent.length, crawlMs, replayMs }
}

async function crawlAll(url: string, dispatcher: Dispatcher, concurrency: number): Promise<number> {
  const http = new Http({
    url,
    credentials: CREDENTIALS,
    userAgent: 'bench',
    retry: DEFAULT_RETRY,
    dispatcher,
  })
  const harbor = new Harbor(http)
  const { version } = await harbor.account()
  const parsed = parsePolicy(POLICY)
  if (!('policy' in parsed)) throw new Error('the policy of the benchmark is wrong')
  const { inventory } = await crawl(harbor, needsOf(parsed.policy), { version, concurrency })
  if (inventory.failures.length > 0) throw new Error(inventory.failures[0]?.message)
  return inventory.repositories.reduce((sum, { artifacts }) => sum + artifacts.length, 0)
}
