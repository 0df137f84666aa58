// `npm run bench -- day --json`: install, build, measure. Figures with their machine go to docs/guides/measurements.md.
import { join } from 'node:path';
import { become, main, prepare, root } from './prepare.mjs';

main(() => {
    const node = prepare();
    become(node, [join(root, 'application', 'dist', 'bench', 'main.js'), ...process.argv.slice(2)]);
});
