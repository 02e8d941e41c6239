import type { Settings } from '../inputs/settings.ts'
import { parsePolicy } from '../policy/parse.ts'
import type { Policy } from '../policy/types.ts'
import { counted } from '../report/words.ts'
import type { Host } from '../shells/host.ts'
import { readInputFile } from './files.ts'
import { Failed } from './outcome.ts'

/**
 * Reads the policy file.
 *
 * @throws Failed when it isn't there or has problems, once each has been complained about at its place
 */
export async function readPolicy(
  { policy: file }: Settings,
  host: Host,
): Promise<{ readonly policy: Policy; readonly bytes: Buffer }> {
  const bytes = await readInputFile(file, 'policy')
  const parsed = parsePolicy(bytes.toString('utf8'))
  if ('policy' in parsed) return { policy: parsed.policy, bytes }
  for (const { message, ...place } of parsed.problems) host.complain(message, { file, ...place })
  const message = `${file} has ${counted(parsed.problems.length, 'problem')}; nothing was read from Harbor`
  const problems = parsed.problems.map((problem) => `line ${problem.line}: ${problem.message}`)
  throw new Failed(message, { status: 2, reason: 'policy-invalid' }, { problems })
}
