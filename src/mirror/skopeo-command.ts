/** One side of a copy, as skopeo is told of it. */
export interface SideArguments {
  /** `host:port/repository:tag` or `…@digest`. */
  readonly reference: string
  readonly tlsVerify: boolean
  readonly authFile: string
  /** A folder with certificates of authorities that count beside the system's. */
  readonly certDir: string | undefined
}

export interface Shared {
  readonly policy: string
  readonly registriesD: string
  readonly tmp: string
}

/**
 * The arguments of a copy. All of what an index holds, nothing changed: without `--all`, `--preserve-digests` copies
 * one platform of an index and calls that a success (1.9.3). Signatures that lie beside registries aren't looked for:
 * what belongs to an image is copied by its own name. There is no secret in here.
 */
export function copyArguments(
  source: SideArguments,
  target: SideArguments,
  { policy, registriesD, tmp }: Shared,
): readonly string[] {
  return [
    '--policy',
    policy,
    '--registries.d',
    registriesD,
    '--tmpdir',
    tmp,
    'copy',
    '--quiet',
    '--all',
    '--preserve-digests',
    '--remove-signatures',
    ...sideArguments('src', source),
    ...sideArguments('dest', target),
    `docker://${source.reference}`,
    `docker://${target.reference}`,
  ]
}

function sideArguments(
  side: 'src' | 'dest',
  { tlsVerify, authFile, certDir }: SideArguments,
): readonly string[] {
  return [
    `--${side}-tls-verify=${tlsVerify}`,
    `--${side}-authfile`,
    authFile,
    ...(certDir === undefined ? [] : [`--${side}-cert-dir`, certDir]),
  ]
}

/** A command as one would type it in a shell. */
export function rendered(file: string, args: readonly string[]): string {
  return [file, ...args].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ')
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
