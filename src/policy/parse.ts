import * as v from 'valibot'
import { compilePolicy } from './compile.ts'
import { crossChecks } from './cross-checks.ts'
import { readDocument, type Path, type Problem } from './document.ts'
import { describeIssues, valueWords } from './issues.ts'
import { formFaults, isMapping } from './keys.ts'
import { policySchema } from './schema.ts'
import type { Policy } from './types.ts'

export type ParsedPolicy = { readonly policy: Policy } | { readonly problems: readonly Problem[] }

/**
 * Reads a policy file.
 *
 * @param text the file's content
 * @returns the policy, or everything that is wrong with it, in the order of the file
 */
export function parsePolicy(text: string): ParsedPolicy {
  const document = readDocument(text.replace(/^\uFEFF/, ''))
  if (!('data' in document)) return { problems: document }
  if (!isMapping(document.data)) {
    const message =
      document.data === null
        ? 'the policy is empty'
        : `the policy should be a mapping (version, rules, …), not ${valueWords(document.data)}`
    return { problems: [{ ...document.placeOf([]), message }] }
  }

  const parsed = v.safeParse(policySchema, document.data)
  const formless = formFaults(document.data)
  const told = formless.filter(({ key }) => !key).map(({ path }) => JSON.stringify(path).slice(0, -1))
  // What is of the wrong form has nothing in it that could be right.
  const faults = [...describeIssues(parsed.issues ?? []), ...crossChecks(document.data)].filter(
    ({ path }) => !told.some((start) => JSON.stringify(path).startsWith(start)),
  )
  const problems = [
    ...formless.map(({ path, message, key }) => ({
      ...(key ? document.placeOfKey(path) : document.placeOf(path)),
      message,
    })),
    ...faults.map(({ path, message }) => ({ ...document.placeOf(path), message })),
  ].toSorted((a, b) => a.line - b.line || a.column - b.column)
  if (problems.length > 0 || !parsed.success) return { problems }

  const lineOf = (path: Path): number => document.placeOf(path).line
  return {
    policy: compilePolicy(parsed.output, {
      rule: (index) => lineOf(['rules', index]),
      protection: (index) => lineOf(['protect', index]),
    }),
  }
}
