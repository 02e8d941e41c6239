// What is wrong after an apply that was disturbed and is run again.
import { deletesOf, type Scene } from './scene.ts'

/**
 * Runs an apply again that was ended early, and holds what comes of it against an apply that nobody disturbed.
 *
 * @param applied the state that such a one leaves
 * @returns everything that is wrong, in words
 */
export async function wrongWhenRunAgain(
  scene: Scene,
  applied: readonly string[],
  concurrency: string,
): Promise<readonly string[]> {
  const wrong: string[] = []
  const { status, reason, host } = await scene.apply({ concurrency })
  const { applied: done, skipped, failed } = host.outputs
  if (status !== 0) wrong.push(`status ${status} ${reason} ${host.complained.join(' ')}`)
  if (`${done} ${skipped} ${failed}` !== `${scene.plan.actions.length} 0 0`) {
    const others = scene.result().results.filter(({ outcome }) => outcome !== 'done')
    wrong.push(`${done} done, ${skipped} skipped, ${failed} failed: ${JSON.stringify(others)}`)
  }
  wrong.push(...differences(scene.state(), applied))
  const deletes = deletesOf(scene.standIn)
  const twice = deletes.filter((path, index) => deletes.indexOf(path) < index)
  wrong.push(...twice.map((path) => `twice: ${path}`))
  wrong.push(...host.warned.filter((warning) => !warning.includes('the last line is cut short')))
  wrong.push(...(await missingFromBin(scene)))
  return wrong
}

export function differences(state: readonly string[], expected: readonly string[]): readonly string[] {
  return [
    ...state.filter((line) => !expected.includes(line)).map((line) => `more: ${line}`),
    ...expected.filter((line) => !state.includes(line)).map((line) => `less: ${line}`),
  ]
}

/** What of everything that a whole plan deletes the bin doesn't have. */
async function missingFromBin(scene: Scene): Promise<readonly string[]> {
  const { items } = await scene.bin()
  const saved = new Set(
    items.flatMap(({ repository, manifests }) => manifests.map((digest) => `${repository}@${digest}`)),
  )
  const gone = scene.plan.actions.flatMap((action) =>
    action.kind === 'delete-artifact'
      ? [action.digest, ...action.children, ...action.accessories].map(
          (digest) => `${action.repository}@${digest}`,
        )
      : [],
  )
  return gone.filter((name) => !saved.has(name)).map((name) => `not in the bin: ${name}`)
}
