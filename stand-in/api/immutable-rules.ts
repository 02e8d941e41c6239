// The immutable tag rules of a project.
import { type Exchange, bodyJson, numberParam, projectOfPath } from '../http/exchange.ts'
import { type Reply, created, empty } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { HarborError, notFound } from '../state/error.ts'
import type { ImmutableRule, Selector } from '../state/model.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'

const RULES = '/projects/:project/immutabletagrules'

export const immutableRuleRoutes: readonly Route[] = [
  { method: 'GET', path: RULES, need: 'project immutable-tag:list', handle: listRules },
  { method: 'POST', path: RULES, need: 'project immutable-tag:create', handle: create },
  { method: 'PUT', path: `${RULES}/:rule`, need: 'project immutable-tag:update', handle: update },
  { method: 'DELETE', path: `${RULES}/:rule`, need: 'project immutable-tag:delete', handle: remove },
]

interface Rule {
  readonly disabled?: boolean
  readonly scope_selectors?: { readonly repository?: Selector[] }
  readonly tag_selectors?: Selector[]
}

const COLUMNS = columns<ImmutableRule>({ name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' })

function listRules(exchange: Exchange): Reply {
  return list(exchange, {
    rows: projectOfPath(exchange).immutableRules,
    columns: COLUMNS,
    order: (a, b) => a.id - b.id,
    show: ({ id, repositories, tags, disabled }) => ({
      action: 'immutable',
      ...(disabled && { disabled }),
      id,
      scope_selectors: { repository: repositories },
      tag_selectors: tags,
      template: 'immutable_template',
    }),
  })
}

function create(exchange: Exchange): Reply {
  const { scope_selectors: scope, tag_selectors: tags = [] } = bodyJson<Rule>(exchange)
  const repositories = scope?.repository ?? []
  const { name, immutableRules } = projectOfPath(exchange)
  const isThere = immutableRules.some((rule) => {
    return JSON.stringify([rule.repositories, rule.tags]) === JSON.stringify([repositories, tags])
  })
  if (isThere) throw new HarborError('CONFLICT', 'immutable rule already exists')
  // A rule starts enabled, whatever it says.
  const { id } = exchange.registry.addImmutableRule(name, { repositories, tags })
  return created(`${exchange.path}/${id}`)
}

function update(exchange: Exchange): Reply {
  ruleOfPath(exchange).disabled = bodyJson<Rule>(exchange).disabled ?? false
  return empty(200)
}

function remove(exchange: Exchange): Reply {
  const { immutableRules } = projectOfPath(exchange)
  immutableRules.splice(immutableRules.indexOf(ruleOfPath(exchange)), 1)
  return empty(200)
}

function ruleOfPath(exchange: Exchange): ImmutableRule {
  const id = numberParam(exchange, 'rule')
  const rule = projectOfPath(exchange).immutableRules.find((one) => one.id === id)
  if (rule === undefined) throw notFound(`immutable rule ${id} not found`)
  return rule
}
