// What registries answer in WWW-Authenticate, and what tokens are asked for.
import { describe, expect, test } from '@jest/globals'
import { challengesOf } from '../../src/registry/challenge.ts'
import { covers, pullOf, pushOf, scopesOf, union } from '../../src/registry/scope.ts'

function read(header: string | readonly string[] | undefined): unknown {
  return challengesOf(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)])
}

const REALM = 'https://auth.example/token?x=1,2'

describe('challenges', () => {
  test.each<readonly [string | readonly string[] | undefined, unknown]>([
    [undefined, []],
    ['', []],
    [', ,', []],
    ['Basic realm="harbor"', [['basic', { realm: 'harbor' }]]],
    ['BASIC', [['basic', {}]]],
    [
      `Bearer realm="${REALM}",service="registry.example",scope="repository:a/b:pull,push repository:c:pull",error="insufficient_scope"`,
      [
        [
          'bearer',
          {
            realm: REALM,
            service: 'registry.example',
            scope: 'repository:a/b:pull,push repository:c:pull',
            error: 'insufficient_scope',
          },
        ],
      ],
    ],
    [
      'bearer Realm = "a \\"quoted\\" one" ,  SERVICE=plain',
      [['bearer', { realm: 'a "quoted" one', service: 'plain' }]],
    ],
    [
      'Bearer realm=https://auth.example/token,service=x',
      [['bearer', { realm: 'https://auth.example/token', service: 'x' }]],
    ],
    [
      'Negotiate, Basic realm="a, b=c", Bearer realm="r"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a, b=c' }],
        ['bearer', { realm: 'r' }],
      ],
    ],
    [
      ['Basic realm="one"', 'Bearer realm="two"'],
      [
        ['basic', { realm: 'one' }],
        ['bearer', { realm: 'two' }],
      ],
    ],
    ['realm="of nothing"', []],
    [
      'Bearer realm="never closed',
      [
        ['bearer', {}],
        ['realm', {}],
        ['never', {}],
        ['closed', {}],
      ],
    ],
    [
      'Basic "", Bearer realm=""',
      [
        ['basic', {}],
        ['bearer', { realm: '' }],
      ],
    ],
  ])('%j', (header, challenges) => {
    expect(read(header)).toEqual(challenges)
  })

  test('a long one that means nothing takes no time', () => {
    const began = performance.now()
    challengesOf(`Bearer realm="${'\\'.repeat(100_000)}`)
    challengesOf('='.repeat(100_000))
    challengesOf(`a=${' '.repeat(50_000)}`.repeat(2))
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('scopes', () => {
  test('one entry for each resource, in order', () => {
    expect(
      union(pushOf('b'), pullOf('b', 'a'), ['registry:catalog:*'], ['repository:host:5000/x:pull']),
    ).toEqual([
      'registry:catalog:*',
      'repository:a:pull',
      'repository:b:pull,push',
      'repository:host:5000/x:pull',
    ])
    expect(scopesOf(' repository:a:push,pull  repository:a:delete ')).toEqual([
      'repository:a:delete,pull,push',
    ])
    expect(scopesOf('')).toEqual([])
  })

  test.each([
    [pushOf('a'), pullOf('a'), true],
    [pullOf('a'), pushOf('a'), false],
    [pullOf('a'), pullOf('b'), false],
    [pullOf('a'), [], true],
    [[], [], true],
    [[], pullOf('a'), false],
  ])('%j covers %j: %s', (all, some, does) => {
    expect(covers(all, some)).toBe(does)
  })
})
