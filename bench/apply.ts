import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { request } from 'undici'
import { carryOut } from '../src/apply/carry-out.ts'
import { DueCheck } from '../src/apply/due.ts'
import { Journal } from '../src/bin/journal.ts'
import { readAgain } from '../src/commands/again.ts'
import { crawl } from '../src/crawl/crawl.ts'
import { HarborChanges } from '../src/harbor/changes.ts'
import { connect } from '../src/harbor/dispatcher.ts'
import { Harbor } from '../src/harbor/harbor.ts'
import { Http } from '../src/harbor/http.ts'
import { DEFAULT_RETRY } from '../src/harbor/retry.ts'
import { assemblePlan, type Circumstances } from '../src/plan/assemble.ts'
import { needsOf } from '../src/policy/needs.ts'
import { parsePolicy } from '../src/policy/parse.ts'
import { forEachOf } from '../src/shared/concurrency.ts'

const CREDENTIALS = { username: 'admin', password: 'Harbor12345' }
const POLICY =
  'version: 1\nrules: [{ name: all, select: { tags: ["**"] }, keep: { newest: 40 }, delete: always }]\n'

export interface ApplyFigures {
  readonly deletes: number
  readonly requests: number
  readonly applyMs: number
  /** The same requests sent blindly to a registry of the same kind, their answers read and thrown away. */
  readonly replayMs: number
}

/**
 * Carries out a plan on a server, then sends the same requests to another one.
 *
 * @param url a server, and another with the same registry in it
 */
export async function measureApply(url: string, another: string, concurrency: number): Promise<ApplyFigures> {
  const sent: { readonly method: 'GET' | 'DELETE'; readonly path: string }[] = []
  const connection = connect({ concurrency })
  const recording = connection.compose((dispatch) => (options, handler) => {
    sent.push({ method: options.method === 'DELETE' ? 'DELETE' : 'GET', path: options.path })
    return dispatch(options, handler)
  })
  const http = new Http({
    url,
    credentials: CREDENTIALS,
    userAgent: 'bench',
    retry: DEFAULT_RETRY,
    dispatcher: recording,
  })
  const harbor = new Harbor(http)
  const parsed = parsePolicy(POLICY)
  if (!('policy' in parsed)) throw new Error('the policy of the benchmark is wrong')
  const { policy } = parsed
  const { version } = await harbor.account()
  const present = Date.now()
  const circumstances: Circumstances = {
    tool: 'bench',
    harbor: { url, version },
    policyFile: { path: 'policy.yml', digest: `sha256:${'0'.repeat(64)}` },
    createdAt: present,
    now: present,
    otherTime: false,
    mirrorPrefix: '',
  }
  const crawled = await crawl(harbor, needsOf(policy), { version, concurrency })
  const inventory = await readAgain(crawled, policy, circumstances, concurrency)
  const assembled = assemblePlan(policy, inventory, circumstances)
  const { actions } = assembled.plan
  const due = new DueCheck({ actions, assembled, inventory, outcomes: new Map(), saved: new Map(), present })
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'))
  const journal = await Journal.begin(folder, 'journal.ndjson')

  sent.length = 0
  const started = performance.now()
  const { results } = await carryOut(actions, inventory, {
    standingOf: (action) => due.standingOf(action),
    tools: {
      harbor,
      changes: new HarborChanges(http),
      journal,
      clock: Date.now,
      keepBlobs: () => Promise.resolve(),
    },
    width: concurrency,
    onDone: () => undefined,
  })
  const applyMs = performance.now() - started
  await journal.close()
  rmSync(folder, { recursive: true })
  const failed = results.find(({ outcome }) => outcome !== 'done')
  if (failed !== undefined) throw new Error(`${failed.outcome}: ${failed.why}`)

  const authorization = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64')}`
  const restarted = performance.now()
  await forEachOf(sent, concurrency, async ({ method, path: target }) => {
    const { body } = await request(another + target, {
      method,
      dispatcher: connection,
      headers: { authorization, 'user-agent': 'harbor-registry-client' },
    })
    await body.dump({ limit: 2 ** 30 })
  })
  const replayMs = performance.now() - restarted
  await connection.close()
  return { deletes: actions.length, requests: sent.length, applyMs, replayMs }
}
