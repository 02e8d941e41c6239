import semver, { type SemVer } from 'semver'
import { PatternError } from './regex.ts'

/** A version as https://semver.org has it, read from a tag. */
export type Version = SemVer

/**
 * Reads a tag as a full version: `1.2.3`, `v1.2.3-rc.1`, `1.2.3_build.5` (registries have no `+` in tags, so Helm and
 * Harbor write `_` for it).
 *
 * @returns undefined when the tag isn't a full version (`1.2`, `latest`)
 */
export function parseVersion(tag: string): Version | undefined {
  if (!/^v?\d/.test(tag)) return undefined
  return semver.parse(tag.replace('_', '+')) ?? undefined
}

/** Whether a version is in a range, prereleases included. */
export type VersionRange = (version: Version) => boolean

/**
 * Compiles a node-semver range (https://github.com/npm/node-semver#ranges).
 *
 * @throws PatternError when it isn't one
 */
export function compileRange(range: string): VersionRange {
  const options = { includePrerelease: true }
  if (semver.validRange(range, options) === null) throw new PatternError('is not a version range')
  const compiled = new semver.Range(range, options)
  return (version) => compiled.test(version)
}

/** Orders versions as semver does; build numbers don't count. */
export function compareVersions(a: Version, b: Version): number {
  return a.compare(b)
}
