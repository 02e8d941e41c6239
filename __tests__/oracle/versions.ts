import semver from 'semver'

/**
 * "A node-semver range over full versions, prereleases included; a leading `v` and Harbor's `_` for `+` are
 * understood."
 *
 * @returns the version that a tag is; undefined where it isn't one
 */
export function versionOf(tag: string | null): semver.SemVer | undefined {
  if (tag === null || !/^v?\d+\.\d+\.\d+/.test(tag)) return undefined
  return semver.parse(tag.replace(/^v/, '').replace('_', '+')) ?? undefined
}

export function inRange(version: semver.SemVer, range: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true })
}

export function isPrerelease(version: semver.SemVer): boolean {
  return version.prerelease.length > 0
}

/** Higher versions first; what isn't a version comes after what is. */
export function higherFirst(a: string | null, b: string | null): number {
  const [one, other] = [versionOf(a), versionOf(b)]
  if (one === undefined && other === undefined) return 0
  if (one === undefined) return 1
  if (other === undefined) return -1
  return semver.compare(other, one)
}
