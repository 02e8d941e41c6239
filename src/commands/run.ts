import { isFromFork } from '../github/pull-request.ts'
import { pullRequestOf } from '../github/run.ts'
import { parseSettings, type Command, type Given, type Settings } from '../inputs/settings.ts'
import type { Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { messageOf } from '../shared/failure.ts'
import { Failed, type Outcome } from './outcome.ts'
import { apply } from './apply.ts'
import { gc } from './gc.ts'
import { plan } from './plan.ts'
import { restore } from './restore.ts'

const COMMANDS: Readonly<
  Record<Command, (settings: Settings, host: Host, present: Instant) => Promise<Outcome>>
> = { plan, apply, restore, gc }

/** Does what the inputs ask for; however it ends, the host has been told why. */
export async function run(given: Given, host: Host, present: Instant): Promise<Outcome> {
  const outcome = await attempt(given, host, present)
  host.output('failure-reason', outcome.reason)
  return outcome
}

async function attempt(given: Given, host: Host, present: Instant): Promise<Outcome> {
  try {
    const parsed = parseSettings(given, present, lacksSecrets(host))
    if ('settings' in parsed) return await COMMANDS[parsed.settings.command](parsed.settings, host, present)
    for (const problem of parsed.problems) host.complain(problem)
    return { status: 2, reason: 'bad-input' }
  } catch (error) {
    if (error instanceof Failed) {
      host.complain(error.message)
      return error.outcome
    }
    // A mistake in this program: whoever reports it needs the stack.
    host.complain(`harbor-dredge failed in a way that it should not: ${stackOf(error)}`)
    return { status: 1, reason: 'internal' }
  }
}

/** GitHub gives no secrets to a pull request from a fork, nor to Dependabot's. */
function lacksSecrets({ run: where }: Host): boolean {
  const pull = where && pullRequestOf(where)
  return pull !== undefined && (isFromFork(pull) || where?.actor === 'dependabot[bot]')
}

function stackOf(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error)
}
