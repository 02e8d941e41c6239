// Events as a runner tells of them: its variables, and the payload.
import { readFileSync } from 'node:fs'

const FOLDER = new URL('../fixtures/github/', import.meta.url)

export function payload(name: string): string {
  return readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')
}

/** Commits in the payloads. */
export const BASE = '1405df66cbe219b0bf6355bc3d60361a8376b6b4'
export const NEWER_BASE = '045270d4b773f904a3a40651bb3967ce0d29f3f9'
export const HEAD = '1a954628a960aaef81d7b2d4521929579f3541e6'
export const SECOND_HEAD = '1f1ebb7575febfe44bd0c25a23bc6bcaec6fd292'
export const MERGED = '14091a9f2461267ee7e02525b4f1f2923f1c9849'
export const FORK_HEAD = '3b488f0ef2676b40f1ee22c6d818c638739b7ccc'
export const PLAIN = '68c46e84d76d2e7e686e5158bf598909abd4e45b'
export const GROUP = '64292b1c2b2e13ead8788fc8a2b8edc8c1db4ecd'

export type Variables = Readonly<Record<string, string | undefined>>

/** The variables of a run of GitHub's own. */
export function variables(others: Variables = {}): Variables {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: 'mika-h',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_REF: 'refs/pull/41/merge',
    GITHUB_REPOSITORY: 'lagoon-works/registry-policy',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '18000000001',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '9c1185a5c5e9fc54612808977ee8f548b2258d31',
    GITHUB_TRIGGERING_ACTOR: 'mika-h',
    GITHUB_WORKSPACE: '/home/runner/work/registry-policy/registry-policy',
    ...others,
  }
}
