import type { Instant } from '../shared/instant.ts'
import type { Content } from './content.ts'
import { editSection, type Edit } from './edit.ts'

/** What there is to say where there is no plan. */
interface WithoutPlan {
  readonly policyFile: string
  readonly tool: string
}

/** What a report says where only the policy was looked at. */
export function checkedContent(why: string, about: WithoutPlan): Content {
  return {
    ...bare(about),
    title: 'Harbor clean-up policy',
    verdict: 'The policy has no problems. What it would delete is not known: Harbor was not asked.',
    facts: [why],
  }
}

/** What a report says where a pull request removes the policy. */
export function removedContent(
  edit: Edit,
  { now, harbor, ...about }: WithoutPlan & { readonly now: Instant; readonly harbor: string },
): Content {
  return {
    ...bare(about),
    title: `Harbor clean-up plan for ${new URL(harbor).host}`,
    edit: editSection(edit, undefined, now),
    verdict: 'Without a policy there is nothing to do.',
  }
}

function bare({ policyFile, tool }: WithoutPlan): Omit<Content, 'title' | 'verdict'> {
  return {
    facts: [],
    problemsTitle: '',
    problems: [],
    notices: [],
    overview: [],
    lists: [],
    footer: [
      ['policy', policyFile],
      ['by', tool],
    ],
  }
}
