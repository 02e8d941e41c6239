import type { Plan } from '../plan/types.ts'

/**
 * The plan file, piece by piece: JSON with a line for every action, rule and repository, so that two plans can be
 * held against each other line by line.
 */
export function* planFile(plan: Plan): Generator<string> {
  let separator = '{\n'
  for (const [key, value] of Object.entries(plan)) {
    yield `${separator}  ${JSON.stringify(key)}: `
    separator = ',\n'
    if (Array.isArray(value)) yield* listLines(value)
    else yield JSON.stringify(value)
  }
  yield '\n}\n'
}

function* listLines(items: readonly unknown[]): Generator<string> {
  if (items.length === 0) {
    yield '[]'
    return
  }
  let separator = '[\n'
  for (const item of items) {
    yield `${separator}    ${JSON.stringify(item)}`
    separator = ',\n'
  }
  yield '\n  ]'
}
