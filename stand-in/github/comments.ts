// Comments of a pull request's conversation (https://docs.github.com/en/rest/issues/comments).
import type { Reply } from '../http/reply.ts'
import { json, notFound, Refusal } from './errors.ts'
import type { Comment } from './model.ts'
import { paged } from './pages.ts'
import { bodyOf, need, pullOf, type Asked } from './request.ts'
import { commentJson } from './show.ts'

const LONGEST = 65_536

export function listComments(asked: Asked): Reply {
  need(asked, 'read', 'issues', 'pull_requests')
  const { number } = pullOf(asked, asked.params[0])
  const all = asked.repository.comments.filter((comment) => comment.number === number)
  return paged(asked, all, (comment) => commentJson(asked.repository, comment, asked.api))
}

export function createComment(asked: Asked): Reply {
  need(asked, 'write', 'issues', 'pull_requests')
  const pull = pullOf(asked, asked.params[0])
  refuseClosed(asked, pull.number)
  const comment = asked.repository.comment(pull.number, asked.token?.owner ?? null, textOf(asked))
  const shown = commentJson(asked.repository, comment, asked.api)
  return json(shown, 201, {
    location: `${asked.api}/repos/${asked.repository.fullName}/issues/comments/${comment.id}`,
  })
}

export function showComment(asked: Asked): Reply {
  need(asked, 'read', 'issues', 'pull_requests')
  return json(commentJson(asked.repository, commentOf(asked), asked.api))
}

/** Who may write may edit what others wrote. */
export function editComment(asked: Asked): Reply {
  need(asked, 'write', 'issues', 'pull_requests')
  const comment = commentOf(asked)
  refuseClosed(asked, comment.number)
  comment.body = textOf(asked)
  comment.updatedAt = asked.state.clock()
  return json(commentJson(asked.repository, comment, asked.api))
}

export function deleteComment(asked: Asked): Reply {
  need(asked, 'write', 'issues', 'pull_requests')
  const { id, number } = commentOf(asked)
  refuseClosed(asked, number)
  asked.repository.removeComment(id)
  return { status: 204, headers: {}, body: '' }
}

function commentOf({ repository, params }: Asked): Comment {
  const comment = repository.comments.find(({ id }) => id === Number(params[0]))
  if (comment === undefined) throw notFound()
  return comment
}

/** That a locked conversation refuses edits, too, is what GraphQL's CommentCannotUpdateReason says. */
function refuseClosed(asked: Asked, number: number): void {
  if (asked.repository.archived) throw new Refusal(403, 'Repository was archived so is read-only.')
  if (pullOf(asked, String(number)).locked) {
    throw new Refusal(403, 'Unable to create comment because issue is locked.')
  }
}

function textOf(asked: Asked): string {
  const { body } = bodyOf(asked)
  const details = { resource: 'IssueComment', field: 'body' }
  if (body === undefined || body === '') {
    throw new Refusal(422, 'Validation Failed', { errors: [{ ...details, code: 'missing_field' }] })
  }
  if (typeof body !== 'string') throw new Refusal(422, 'Invalid request.')
  // Whether GitHub counts code points or UTF-16 code units isn't known: here it is the stricter.
  if (body.length > LONGEST) {
    const message = `Body is too long (maximum is ${LONGEST} characters)`
    throw new Refusal(422, 'Validation Failed', { errors: [{ ...details, code: 'custom', message }] })
  }
  return body
}
