// Jest's environment, in which what Node's sockets and files throw is an Error too, as it is outside of tests.
// oxlint-disable typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- it isn't TypeScript
import { types } from 'node:util'
import { TestEnvironment } from 'jest-environment-node'

// oxlint-disable-next-line import/no-default-export -- how Jest takes an environment
export default class OneKindOfError extends TestEnvironment {
  async setup() {
    await super.setup()
    const { Error: Base, Function: Functions } = this.global
    const ordinary = Functions.prototype[Symbol.hasInstance]
    Object.defineProperty(Base, Symbol.hasInstance, {
      value(thing) {
        return this === Base ? types.isNativeError(thing) : ordinary.call(this, thing)
      },
    })
  }
}
