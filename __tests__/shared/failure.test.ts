import { describe, expect, test } from '@jest/globals'
import { codeOf, messageOf } from '../../src/shared/failure.ts'

describe('codeOf', () => {
  // What was thrown, and its code.
  test.each<[thrown: unknown, code: string | undefined]>([
    [Object.assign(new Error('no'), { code: 'ENOENT' }), 'ENOENT'],
    [
      new Error('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) }),
      'ECONNREFUSED',
    ],
    [new Error('a', { cause: new Error('b', { cause: { code: 'DEEP' } }) }), 'DEEP'],
    [Object.assign(new Error('no', { cause: { code: 'INNER' } }), { code: 'OUTER' }), 'OUTER'],
    [Object.assign(new Error('no', { cause: { code: 'INNER' } }), { code: 5 }), 'INNER'],
    [{ code: 'X' }, 'X'],
    [new Error('no'), undefined],
    [{ code: 5 }, undefined],
    ['ENOENT', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('of %p is %p', (thrown, code) => {
    expect(codeOf(thrown)).toBe(code)
  })

  // Errors that wrap each other are rare, and no reason to hang.
  test('of errors that wrap each other is none', () => {
    const error = new Error('round')
    error.cause = new Error('and round', { cause: error })
    expect(codeOf(error)).toBeUndefined()
  })
})

describe('messageOf', () => {
  // What was thrown, and what it says in one line.
  test.each<[thrown: unknown, message: string]>([
    [new Error('it broke'), 'it broke'],
    [new Error('two\n  lines\r\n'), 'two lines'],
    [{ message: 'like an error' }, 'like an error'],
    ['a text', 'a text'],
    [5, '5'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ message: 5 }, '[object Object]'],
    [new Error(''), ''],
  ])('of %p is %j', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message)
  })
})
