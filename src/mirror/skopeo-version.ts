/** Major, minor, patch. */
export type Version = readonly [number, number, number]

/**
 * The options of a copy, and the release of skopeo that had each of them (as its tags have it; 0.1.39 stands for older
 * ones too). Nothing newer is used, so that one command line serves all: Debian 12 has 1.9.3, GitHub's ubuntu-24.04
 * 1.13.3, ubuntu-26.04 a 1.21.
 */
export const SINCE: Readonly<Record<string, Version>> = {
  '--policy': [0, 1, 39],
  '--registries.d': [0, 1, 39],
  '--quiet': [0, 1, 39],
  '--remove-signatures': [0, 1, 39],
  '--src-cert-dir': [0, 1, 39],
  '--dest-cert-dir': [0, 1, 39],
  '--src-tls-verify': [0, 1, 39],
  '--dest-tls-verify': [0, 1, 39],
  '--all': [0, 1, 40],
  '--src-authfile': [0, 1, 41],
  '--dest-authfile': [0, 1, 41],
  '--tmpdir': [1, 0, 0],
  '--preserve-digests': [1, 6, 0],
}

/** The first release that has all of them. */
export const OLDEST: Version = Object.values(SINCE).reduce((a, b) => (isBefore(a, b) ? b : a))

/** Reads what `skopeo --version` prints: `skopeo version 1.13.3`, `skopeo version 1.21.0-dev commit: …`. */
export function parseVersion(printed: string): Version | undefined {
  const [, major, minor, patch = '0'] = /^skopeo version (\d+)\.(\d+)(?:\.(\d+))?/m.exec(printed) ?? []
  return major === undefined || minor === undefined
    ? undefined
    : [Number(major), Number(minor), Number(patch)]
}

export function isBefore(a: Version, b: Version): boolean {
  const differs = a.findIndex((part, index) => part !== b[index])
  return differs !== -1 && (a[differs] ?? 0) < (b[differs] ?? 0)
}
