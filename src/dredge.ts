// What is bundled: both shells, so that dist/ holds the program once. main.js and cli.js beside it call one each.
import { boundYoungSpace } from './shells/memory.ts'

boundYoungSpace()

export { runAction } from './shells/action.ts'
export { runCli } from './shells/cli.ts'
