/** A policy with a bit of everything, as the documentation shows it. */
export const EXAMPLE = String.raw`# yaml-language-server: $schema=policy.schema.json
version: 1
scope:                                   # what is read; default: all that the account can see
  projects: ["team-*", "!team-archive"]
  repositories: ["**", "!**/cache"]      # full names: project/repository
protect:                                 # always wins
  - name: releases
    tags: ["v*", "/^\\d+\\.\\d+\\.\\d+$/"]
  - name: pinned by a person
    labels: [keep]
  - name: still used
    pulled-within: 30d
rules:
  - name: pull request builds
    select: { repositories: ["team-a/**"], tags: ["pr-*"] }
    keep: { newest: 1, per: "/^pr-(\\d+)/" }
    delete: { not-pushed-for: 14d }
  - name: branch builds
    select: { tags: ["main-*"] }
    keep: { newest: 10, pushed-within: 7d }
    delete: always
  - name: old minors leave for the archive
    select: { semver: ">=1.0.0 <2.0.0" }
    keep: { newest: 2, by: semver, per: minor }
    archive: { not-pulled-for: 90d }     # copy to the mirror, verify there, then delete
  - name: leftovers of overwritten tags
    select: { untagged: true }
    delete: { not-pushed-for: 7d }
  - name: releases go to the mirror
    select: { semver: "*" }
    copy: always
mirror:
  repository: "{project}/{repository}"   # under the mirror host and prefix that the workflow gives
  replace: [{ from: "^team-a/", to: "backup/team-a/" }]
limits: { max-deletes: 1000, max-delete-percent: 50, keep-per-repository: 1, grace: 24h, max-plan-age: 7d }
gc: { run: false, delete-untagged: false, wait: 30m }
trash: { keep: 7d }                      # what stays restorable when GC runs through us
tests: []
`
