// Jest's environment, but with Node's own Error: what Node's sockets and files throw is an instance of it, as it is
// outside of tests.
import { TestEnvironment } from 'jest-environment-node'

// oxlint-disable-next-line import/no-default-export -- how Jest takes an environment
export default class NodesErrors extends TestEnvironment {
  async setup() {
    await super.setup()
    this.global.Error = Error
  }
}
