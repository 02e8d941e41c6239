/** An input of the action and an option of the command line, under the same name. */
export interface Input {
  readonly name: InputName
  /** For action.yml, the README and `--help`. */
  readonly description: string
  readonly default?: string
  /** Never an option: it would stand in the process list. The command line takes it from this variable. */
  readonly secret?: true
  /** The variable that the command line takes it from when there is no option. */
  readonly variable?: string
}

export type InputName = (typeof NAMES)[number]

const NAMES = [
  'command',
  'policy',
  'harbor-url',
  'harbor-username',
  'harbor-password',
  'ca-file',
  'insecure-skip-tls-verify',
  'concurrency',
  'plan-file',
  'plan-id',
  'decisions-file',
  'work-dir',
  'now',
  'fail-on-changes',
  'sizes',
  'comment',
  'github-token',
  'mirror-registry',
  'mirror-username',
  'mirror-password',
  'mirror-ca-file',
  'mirror-insecure-skip-tls-verify',
] as const

const LATER = 'Not used by this version yet: '

/** Every input, in the order in which people read about them. */
export const INPUTS: readonly Input[] = [
  {
    name: 'command',
    description: 'What to do. This version has `plan`: crawl, decide, report; it changes nothing.',
    default: 'plan',
  },
  { name: 'policy', description: 'The policy file.', default: '.github/harbor-dredge.yml' },
  {
    name: 'harbor-url',
    description: 'Where Harbor is: scheme and host, with a path if it is under one.',
    variable: 'HARBOR_URL',
  },
  {
    name: 'harbor-username',
    description: 'A user or, better, a robot that may read: `robot$dredge-plan`.',
    variable: 'HARBOR_USERNAME',
  },
  {
    name: 'harbor-password',
    description: "The user's password or the robot's secret.",
    secret: true,
    variable: 'HARBOR_PASSWORD',
  },
  {
    name: 'ca-file',
    description: "PEM certificates to trust beside the public ones: the authority of Harbor's certificate.",
  },
  {
    name: 'insecure-skip-tls-verify',
    description: "Don't check Harbor's certificate. Whoever stands between can read the password.",
    default: 'false',
  },
  {
    name: 'concurrency',
    description: 'Requests under way at once. Harbor on two cores is saturated by 4.',
    default: '4',
  },
  { name: 'plan-file', description: 'Where the plan is written.', default: 'harbor-dredge-plan.json' },
  { name: 'plan-id', description: `${LATER}the id of the plan that was approved, for \`apply\`.` },
  {
    name: 'decisions-file',
    description:
      'Where a line for every tag and untagged artifact is written, kept ones too: a name ending in `.ndjson` or `.csv`. Not written if empty.',
  },
  {
    name: 'work-dir',
    description: 'Where manifests are cached for `sizes: exact`; worth keeping with actions/cache.',
    default: '.harbor-dredge',
  },
  {
    name: 'now',
    description:
      'Plan for another moment: an instant like `2026-11-21T08:00:00Z`, or `+30d` to look ahead. Such a plan cannot be applied.',
  },
  {
    name: 'fail-on-changes',
    description: 'Fail when the plan has something to do (exit status 3 on the command line).',
    default: 'false',
  },
  {
    name: 'sizes',
    description:
      'What deletes free: `estimate` (at most, from the listing), `exact` (to the byte, reads every manifest once), `off`.',
    default: 'estimate',
  },
  {
    name: 'comment',
    description: `${LATER}whether the plan is shown on the pull request: \`auto\`, \`always\`, \`never\`.`,
    default: 'auto',
  },
  {
    name: 'github-token',
    description: `${LATER}the token that comments on the pull request.`,
    secret: true,
    variable: 'GITHUB_TOKEN',
  },
  {
    name: 'mirror-registry',
    description:
      'Where `copy` and `archive` copy to: a URL of scheme, host and path prefix. The plan names the targets under it.',
  },
  {
    name: 'mirror-username',
    description: `${LATER}an account that may push to the mirror.`,
    variable: 'MIRROR_USERNAME',
  },
  {
    name: 'mirror-password',
    description: `${LATER}its password.`,
    secret: true,
    variable: 'MIRROR_PASSWORD',
  },
  { name: 'mirror-ca-file', description: `${LATER}PEM certificates to trust for the mirror.` },
  {
    name: 'mirror-insecure-skip-tls-verify',
    description: `${LATER}don't check the mirror's certificate.`,
    default: 'false',
  },
]

export interface Output {
  readonly name: OutputName
  readonly description: string
}

export type OutputName =
  | 'changes'
  | 'plan-id'
  | 'plan-file'
  | 'deletes'
  | 'copies'
  | 'reclaimable-bytes'
  | 'applied'
  | 'skipped'
  | 'failed'
  | 'failure-reason'

/** Every output, in the order in which people read about them. */
export const OUTPUTS: readonly Output[] = [
  { name: 'changes', description: '`true` when the plan has something to do, else `false`.' },
  { name: 'plan-id', description: 'The id of the plan: whoever approves it approves exactly its actions.' },
  { name: 'plan-file', description: 'Where the plan was written.' },
  { name: 'deletes', description: 'Tags and artifacts that the plan deletes.' },
  { name: 'copies', description: 'Images that the plan copies to the mirror.' },
  {
    name: 'reclaimable-bytes',
    description:
      'Bytes that garbage collection frees after the deletes: to the byte with `sizes: exact`, at most with `estimate`, empty with `off`.',
  },
  { name: 'applied', description: `${LATER}actions that were carried out.` },
  { name: 'skipped', description: `${LATER}actions that were no longer due.` },
  { name: 'failed', description: `${LATER}actions that failed.` },
  {
    name: 'failure-reason',
    description:
      'Empty, or why it failed or the plan cannot be applied: `bad-input`, `policy-invalid`, `harbor-unreachable`, `not-harbor`, `unauthorized`, `incomplete`, `limit-exceeded`, `other-time`, `copy-collision`, `copy-target`, `changes`, `internal`.',
  },
]
