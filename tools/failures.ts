// What `failure-reason` can be, for people: `npm run generate` puts it into docs/troubleshooting.md.
import type { FailureReason } from '../src/inputs/inputs.ts'

interface Failure {
  readonly means: string
  readonly remedy: string
}

export const FAILURES: Readonly<Record<FailureReason, Failure>> = {
  'bad-input': {
    means: 'An input is missing, isn’t what it has to be, or names a file that can’t be read.',
    remedy: 'The message names the input. On a pull request from a fork secrets are empty: skip it there.',
  },
  'policy-invalid': {
    means: 'The policy has mistakes. Nothing was asked of Harbor.',
    remedy: 'Each mistake is an annotation on its line; [the policy reference](policy.md) has every key.',
  },
  'harbor-unreachable': {
    means: 'Harbor gave no answer, or was gone after a while.',
    remedy:
      'The message says why: name, port, certificate, proxy, load. Of an apply run the same again: what was done isn’t repeated.',
  },
  'not-harbor': {
    means: 'Something answered, and it isn’t a Harbor of version 2.',
    remedy:
      'Check `harbor-url`: scheme and host of the address at which the web page opens, without `/api` or `/harbor`.',
  },
  unauthorized: {
    means: 'Harbor doesn’t know the account, or the account may not do it.',
    remedy: 'Has the robot expired? Does it have the [rights](../README.md#permissions)?',
  },
  incomplete: {
    means: 'Not all that is in scope could be read. The plan is shown, and can’t be applied.',
    remedy:
      'The report lists what failed. Give the robot the right, or leave that out of `scope`; plan again.',
  },
  'limit-exceeded': {
    means: 'The plan deletes more than `limits` allow. It is shown, and can’t be applied.',
    remedy:
      'Is it what you want? Then raise the [limit](policy.md#limits), in a commit that somebody reviews. Else narrow the rules.',
  },
  'other-time': {
    means: 'The plan looks at another moment (`now`). It is shown, and can’t be applied.',
    remedy: 'Plan without `now`.',
  },
  'copy-collision': {
    means: 'Two different images would be copied to one tag.',
    remedy: 'Give them different names with [`mirror.replace`](policy.md#mirror).',
  },
  'copy-target': {
    means: 'What [`mirror`](policy.md#mirror) makes of a name is no name of a repository, or too long.',
    remedy: 'The message has the name. Mostly a `replace` leaves capitals, or a slash at an end.',
  },
  changes: {
    means: 'There is something to do, and `fail-on-changes` is set.',
    remedy: 'That is what it is for.',
  },
  'pull-request': {
    means: 'An apply was started on a pull request. It never does anything there.',
    remedy: 'Apply on `schedule`, `workflow_dispatch` or `push`: [workflows](workflows.md).',
  },
  'unreviewed-event': {
    means:
      'An apply was started by a comment, an issue, a discussion or a merge queue: nobody has looked at what it would do then.',
    remedy: 'Apply on `schedule`, `workflow_dispatch` or `push`: [workflows](workflows.md).',
  },
  'plan-unreadable': {
    means: 'The plan file is no JSON, or not whole.',
    remedy: 'Plan again. If it was handed over between jobs: is it the file that `plan-file` named?',
  },
  'plan-format': {
    means: 'The plan file is none, or one of another version of harbor-dredge.',
    remedy: 'Plan and apply with the same commit of harbor-dredge.',
  },
  'plan-id': {
    means: 'No `plan-id` was given, or the plan file is another plan than the one that was approved.',
    remedy: 'Give both from the same run of `plan`.',
  },
  'plan-edited': {
    means: 'The plan file was changed after it was made, or a clock is an hour wrong.',
    remedy: 'Plan again. Find out who changed it.',
  },
  'plan-not-applyable': {
    means: 'The plan had a problem when it was made, or has nothing to do.',
    remedy: 'The message has the problem; it is in this table, too.',
  },
  'plan-too-old': {
    means: 'The plan is older than [`limits.max-plan-age`](policy.md#limits).',
    remedy: 'Plan again, and have that approved.',
  },
  'other-harbor': {
    means: 'The plan was made for another `harbor-url`.',
    remedy: 'Write the address the same way in both jobs; best is one variable.',
  },
  'policy-changed': {
    means: 'The policy isn’t the one that the plan was made by: somebody edited or merged it since.',
    remedy: 'Plan again, and have that approved.',
  },
  'harbor-read-only': {
    means: 'Harbor is in read-only mode.',
    remedy: 'An administrator ends it: Configuration, System Settings.',
  },
  'may-not-delete': {
    means: 'The account lacks a right to delete in a project. Nothing was changed.',
    remedy: 'Give the robot the [rights](../README.md#permissions) that the message names.',
  },
  'replicates-deletions': {
    means: 'A replication rule of Harbor’s would delete the same images at another registry.',
    remedy:
      'Switch “delete remote resources” off in that rule (Administration, Replications), or the rule for the while.',
  },
  'mirror-unreachable': {
    means: 'The mirror gave no answer, or didn’t let the account in. Nothing was changed.',
    remedy: 'Check `mirror-registry`, `mirror-username`, `mirror-password`, `mirror-ca-file`.',
  },
  skopeo: {
    means: 'There is no skopeo of version 1.6 or newer. Nothing was changed.',
    remedy: 'Run on `ubuntu-24.04`, or install it.',
  },
  'partly-failed': {
    means: 'Some actions failed; the others were done.',
    remedy: 'The report has each with its reason. Run the same apply again: it does what is left.',
  },
  journal: {
    means: 'What happens could not be written into `work-dir`; nothing goes unrecorded.',
    remedy: 'Make room, or give another `work-dir`; run the same again.',
  },
  'not-restorable': {
    means: 'Some of what was asked for can’t come back: its blobs were garbage collected.',
    remedy: 'The report names it. Push it again, or take it from the mirror.',
  },
  'gc-running': {
    means: 'Harbor is collecting garbage already.',
    remedy:
      'Wait for its end. Two schedules? Leave one, and [let it be this one](workflows.md#collecting-garbage).',
  },
  'gc-failed': {
    means:
      'Garbage collection wasn’t started, since something could be lost in it, or ended badly in Harbor.',
    remedy: 'The message says which. Harbor’s own log is under Administration, Clean Up.',
  },
  'gc-timeout': {
    means: 'Garbage collection took longer than [`gc.wait`](policy.md#gc-trash). It goes on.',
    remedy: 'Raise `gc.wait`, and look under Administration, Clean Up.',
  },
  internal: {
    means: 'A mistake in harbor-dredge, or a file that could not be written.',
    remedy: 'If the message isn’t about a file, please open an issue with it.',
  },
}
