/** An input of the action and an option of the command line, under the same name. */
export interface Input {
  readonly name: InputName
  /** For action.yml, the README and `--help`. */
  readonly description: string
  readonly default?: string
  /** What GitHub fills in for the action where nothing is given, instead of a default. */
  readonly expression?: string
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
  'dry-run',
  'only',
  'list',
  'overwrite-tags',
  'comment',
  'github-token',
  'mirror-registry',
  'mirror-username',
  'mirror-password',
  'mirror-ca-file',
  'mirror-insecure-skip-tls-verify',
] as const

/** Every input, in the order in which people read about them. */
export const INPUTS: readonly Input[] = [
  {
    name: 'command',
    description:
      'What to do: `plan` (crawl, decide, report; changes nothing), `apply` (carry out one plan), `restore` (put back what an apply deleted), `gc` (garbage collection).',
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
  {
    name: 'plan-file',
    description: 'Where `plan` writes the plan, and `apply` reads it.',
    default: 'harbor-dredge-plan.json',
  },
  { name: 'plan-id', description: 'For `apply`: the id of the plan that was approved.' },
  {
    name: 'decisions-file',
    description:
      'Where a line for every tag and untagged artifact is written, kept ones too: a name ending in `.ndjson` or `.csv`. Not written if empty.',
  },
  {
    name: 'work-dir',
    description:
      'Where `apply` keeps its journal and the manifests of what it deletes (`bin/`), and `sizes: exact` its cache (`manifests/`); worth keeping from run to run.',
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
    name: 'dry-run',
    description: 'For `restore` and `gc`: look, and say what it would do.',
    default: 'false',
  },
  {
    name: 'only',
    description:
      'For `restore`: the images to put back, `team-a/api:v1.2.0` or by digest, one a line or separated by commas; all if empty.',
  },
  { name: 'list', description: 'For `restore`: show what can come back, and until when.', default: 'false' },
  {
    name: 'overwrite-tags',
    description: 'For `restore`: take tags back that stand on other images by now.',
    default: 'false',
  },
  {
    name: 'comment',
    description:
      'Whether `plan` tells the pull request what its edit of the policy changes, in one comment: `auto` (if it touches the policy), `always`, `never`.',
    default: 'auto',
  },
  {
    name: 'github-token',
    description:
      "Reads the base branch's policy (`contents: read`), comments (`pull-requests: write`), and reads who approved (`actions: read`). What it may not do is left out.",
    secret: true,
    variable: 'GITHUB_TOKEN',
    expression: '${{ github.token }}',
  },
  {
    name: 'mirror-registry',
    description:
      'Where `copy` and `archive` copy to, and `restore` takes back from: a URL of scheme, host and path prefix. The plan names the targets under it.',
  },
  {
    name: 'mirror-username',
    description: 'An account that may pull from the mirror, and for `apply` push to it.',
    variable: 'MIRROR_USERNAME',
  },
  {
    name: 'mirror-password',
    description: 'Its password.',
    secret: true,
    variable: 'MIRROR_PASSWORD',
  },
  {
    name: 'mirror-ca-file',
    description: 'PEM certificates to trust for the mirror, beside the public ones.',
  },
  {
    name: 'mirror-insecure-skip-tls-verify',
    description: "Don't check the mirror's certificate, or reach it by http.",
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

export type FailureReason = (typeof FAILURE_REASONS)[number]

/** What `failure-reason` can be. */
export const FAILURE_REASONS = [
  'bad-input',
  'policy-invalid',
  'harbor-unreachable',
  'not-harbor',
  'unauthorized',
  // Of a plan that is shown all the same.
  'incomplete',
  'limit-exceeded',
  'other-time',
  'copy-collision',
  'copy-target',
  'changes',
  // Before an apply changes anything.
  'pull-request',
  'unreviewed-event',
  'plan-unreadable',
  'plan-format',
  'plan-id',
  'plan-edited',
  'plan-not-applyable',
  'plan-too-old',
  'other-harbor',
  'policy-changed',
  'harbor-read-only',
  'may-not-delete',
  'replicates-deletions',
  'mirror-unreachable',
  'skopeo',
  // Of what was begun.
  'partly-failed',
  'journal',
  'not-restorable',
  'gc-running',
  'gc-failed',
  'gc-timeout',
  'internal',
] as const

/** Every output, in the order in which people read about them. */
export const OUTPUTS: readonly Output[] = [
  {
    name: 'changes',
    description:
      '`true` when the plan has something to do, else `false`; what is at the mirror already is nothing to do.',
  },
  { name: 'plan-id', description: 'The id of the plan: whoever approves it approves exactly its actions.' },
  { name: 'plan-file', description: 'Where the plan was written.' },
  { name: 'deletes', description: 'Tags and artifacts that the plan deletes.' },
  {
    name: 'copies',
    description: 'Images that the plan copies to the mirror, also where they are there already.',
  },
  {
    name: 'reclaimable-bytes',
    description:
      'Bytes that garbage collection frees after the deletes: to the byte with `sizes: exact`, at most with `estimate`, empty with `off`.',
  },
  { name: 'applied', description: 'Actions that `apply` carried out, or images that `restore` put back.' },
  { name: 'skipped', description: 'Actions that were no longer due, or that Harbor refused.' },
  { name: 'failed', description: 'Actions that failed.' },
  {
    name: 'failure-reason',
    description: `Empty, or why it failed or the plan cannot be applied: ${FAILURE_REASONS.map((reason) => `\`${reason}\``).join(', ')}.`,
  },
]
