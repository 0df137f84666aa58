// `npm test`: install, then everything `npm run verify` checks. Arguments go to jest: `npm test -- auction`.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { main, prepare, root, say, Stop } from './prepare.mjs';

main(() => {
    const node = prepare({ build: process.argv.length > 2 });
    const env = { ...process.env, PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter) };
    const [command, ...args] =
        process.argv.length > 2
            ? [node, join('node_modules', 'jest', 'bin', 'jest.js'), ...process.argv.slice(2)]
            : ['npm', 'run', 'verify', '--loglevel=silent'];
    const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
    if (error !== undefined) {
        throw new Stop(`could not run ${command}: ${error.message}`);
    }
    if (status !== 0) {
        say('npm test: something failed; the lines above say what.');
    }
    process.exitCode = status ?? 1;
});
