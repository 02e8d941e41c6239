import * as v from 'valibot'
import { compilePolicy } from './compile.ts'
import { crossChecks } from './cross-checks.ts'
import { readDocument, type Path, type Problem } from './document.ts'
import { describeIssues } from './issues.ts'
import { formFaults } from './keys.ts'
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
  const document = readDocument(text)
  if (!('data' in document)) return { problems: document }
  if (document.data === null) {
    return { problems: [{ ...document.placeOf([]), message: 'the policy is empty' }] }
  }

  const parsed = v.safeParse(policySchema, document.data)
  const faults = [...describeIssues(parsed.issues ?? []), ...crossChecks(document.data)]
  const problems = [
    ...formFaults(document.data).map(({ path, message, key }) => ({
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
