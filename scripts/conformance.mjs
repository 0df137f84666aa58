// `npm run conformance -- --json`: install, build, play the scenarios to the embedded peer and, where its binaries are found, to Fabric's.
import { join } from 'node:path';
import { become, main, prepare, root } from './prepare.mjs';

main(() => {
    const node = prepare();
    become(node, [join(root, 'network', 'dist', 'conformance', 'main.js'), ...process.argv.slice(2)]);
});
