import { expect, test } from '@jest/globals'
import { Closing } from '../../src/commands/closing.ts'

test('the last one is closed first, what cannot be is told, and nothing is closed twice', async () => {
  const told: string[] = []
  const closing = new Closing((text) => told.push(text))
  closing.add(async () => {
    told.push('first')
  })
  closing.add(() => Promise.reject(new Error('/tmp/x could not be removed')))
  closing.add(async () => {
    told.push('last')
  })
  await closing.close()
  await closing.close()
  expect(told).toEqual(['last', '/tmp/x could not be removed', 'first'])
})
