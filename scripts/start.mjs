// `npm start`: install, build, then a trading day on the embedded network. Options: `npm start -- --help`.
import { join } from 'node:path';
import { become, main, prepare, root } from './prepare.mjs';

main(() => {
    const node = prepare();
    become(node, [join(root, 'application', 'dist', 'commands', 'main.js'), 'start', ...process.argv.slice(2)]);
});
