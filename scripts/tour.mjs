// `npm run tour`: the pictures in docs/images, made anew by the tests that walk the pages in a browser (`apt-get install chromium`).
import { join } from 'node:path';
import { become, main, prepare } from './prepare.mjs';

main(() => {
    const node = prepare();
    process.env.COMMONWATT_TOUR = '1';
    become(node, [
        join('node_modules', 'jest', 'bin', 'jest.js'),
        ...['--selectProjects', 'e2e', '--testPathPatterns', 'browser/pages'],
    ]);
});
