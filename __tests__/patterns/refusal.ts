import { PatternError } from '../../src/patterns/regex.ts'

/** Why a pattern is refused; undefined when it is not. */
export function refusal(compile: () => unknown): string | undefined {
  try {
    compile()
    return undefined
  } catch (error) {
    if (error instanceof PatternError) return error.message
    throw error
  }
}
