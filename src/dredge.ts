// What is bundled: both shells, so that dist/ holds the program once. main.js and cli.js beside it call one each.
export { runAction } from './shells/action.ts'
export { runCli } from './shells/cli.ts'
