// A stand-in with the lab's registry, and a policy that does a little of everything to it.
import path from 'node:path'
import { loadLab } from '../../stand-in/load/lab.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN } from './connect.ts'
import type { Inputs } from './program.ts'

export const LAB = path.resolve(import.meta.dirname, '..', 'fixtures', 'harbor', 'lab')
/** A moment soon after the lab's last push. */
export const LAB_NOW = '2026-11-21T12:00:00Z'

export async function startLab(): Promise<StandIn> {
  const standIn = await startStandIn()
  loadLab(standIn.registry, LAB)
  standIn.resetRequests()
  return standIn
}

export function inputsFor({ url }: Pick<StandIn, 'url'>, more: Inputs = {}): Inputs {
  return {
    'harbor-url': url,
    'harbor-username': ADMIN.username,
    'harbor-password': ADMIN.password,
    policy: 'policy.yml',
    ...more,
  }
}

export const LAB_POLICY = `version: 1
protect:
  - name: releases
    tags: ["v*", "release-*"]
  - name: pinned by a person
    labels: [keep]
rules:
  - name: pull request builds
    select: { repositories: ["team-a/**"], tags: ["pr-*"] }
    keep: { newest: 1, per: "/^pr-(\\\\d)/" }
    delete: { not-pushed-for: 14d }
  - name: branch builds
    select: { tags: ["main-*", "nightly-*"] }
    keep: { newest: 2 }
    delete: always
  - name: leftovers
    select: { untagged: true }
    delete: { not-pushed-for: 7d }
  - name: old versions leave for the archive
    select: { semver: "<2.0.0", repositories: ["team-a/web/**", "team-a/worker"] }
    keep: { newest: 1, by: semver }
    archive: always
limits: { max-delete-percent: 80 }
mirror:
  replace: [{ from: "^team-a/", to: "backup/" }]
`
