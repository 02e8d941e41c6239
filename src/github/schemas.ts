import * as v from 'valibot'
import { number, sha, url, user } from './values.ts'

// What is read of GitHub's answers (https://github.com/github/rest-api-description), and no more.

/** A comment of a pull request's conversation. */
export const comment = v.pipe(
  v.object({ id: number, html_url: url, body: v.nullish(v.string(), ''), user }),
  v.transform((told) => ({
    id: told.id,
    url: told.html_url,
    /** Null for an account that was deleted. */
    author: told.user?.login ?? null,
    text: told.body,
  })),
)

export type Comment = v.InferOutput<typeof comment>

/** GraphQL answers 200 for errors, too. */
export const viewer = v.object({
  data: v.nullish(v.object({ viewer: v.object({ login: v.pipe(v.string(), v.nonEmpty()) }) }), null),
  errors: v.nullish(v.array(v.object({ message: v.nullish(v.string(), '') })), []),
})

/** What stands at a path; a folder is a list of what is in it. */
export const content = v.union([
  v.pipe(
    v.array(v.unknown()),
    v.transform(() => ({ type: 'dir' as const })),
  ),
  v.object({
    type: v.literal('file'),
    size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    /** `none` over 1 MB: then there is no content, and it has to be asked for raw. */
    encoding: v.string(),
    content: v.string(),
  }),
  v.object({ type: v.string() }),
])

/** A commit of Git's. */
export const commit = v.object({ sha, parents: v.array(v.object({ sha })) })

export const comparison = v.object({ merge_base_commit: v.object({ sha }) })

/** What somebody said to a run that waited for an approval. */
export const approval = v.pipe(
  v.object({
    state: v.string(),
    comment: v.nullish(v.string(), ''),
    user,
    environments: v.nullish(v.array(v.object({ name: v.nullish(v.string(), '') })), []),
  }),
  v.transform((told) => ({
    /** `approved`, `rejected`, `pending`. */
    state: told.state,
    /** Who; null for an account that was deleted. */
    by: told.user?.login ?? null,
    /** What they wrote to it, as they wrote it; often nothing. */
    words: told.comment,
    environments: told.environments.map(({ name }) => name),
  })),
)

export type Approval = v.InferOutput<typeof approval>
