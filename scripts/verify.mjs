// `npm run verify`: everything that must hold before a change lands. What does not need the other core's result runs beside it.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tool = (...path) => join(root, 'node_modules', ...path);
const JEST = tool('jest', 'bin', 'jest.js');

const STEPS = {
    build: [tool('typescript', 'bin', 'tsc'), '-b', 'tsconfig.build.json'],
    pages: [join('web', 'build.mjs')],
    'types of chaincode and its tests': [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'chaincode'],
    'types of network and its tests': [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'network'],
    'types of application and its tests': [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'application'],
    'types of web and its tests': [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'web'],
    lint: [tool('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'],
    format: [tool('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'],
    'generated docs': [join('scripts', 'docs.mjs'), '--check'],
    'unit tests': [JEST, '--selectProjects', 'unit', '--silent', '--maxWorkers', '1'],
    'end-to-end tests': [JEST, '--selectProjects', 'e2e', '--maxWorkers', '2'],
};

/** Chains of steps; the chains of a stage run side by side. */
const STAGES = [
    [['build', 'pages']],
    [
        ['lint', 'generated docs'],
        [
            'types of chaincode and its tests',
            'types of network and its tests',
            'types of application and its tests',
            'types of web and its tests',
            'format',
            'unit tests',
        ],
    ],
    [['end-to-end tests']],
];

/** Runs one step and prints what it said in one piece, or as it comes where nothing runs beside it. */
async function run(name, isAlone) {
    const begin = performance.now();
    const child = spawn(process.execPath, STEPS[name], {
        cwd: root,
        stdio: ['ignore', isAlone ? 'inherit' : 'pipe', isAlone ? 'inherit' : 'pipe'],
    });
    const said = [];
    child.stdout?.on('data', (chunk) => said.push(chunk));
    child.stderr?.on('data', (chunk) => said.push(chunk));
    const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
    const seconds = Math.round((performance.now() - begin) / 1000);
    const isNews = code !== 0 || name.endsWith('tests');
    console.log(
        `${isNews ? Buffer.concat(said).toString() : ''}${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`,
    );
    return code === 0;
}

async function chain(names, isAlone) {
    for (const name of names) {
        if (!(await run(name, isAlone))) {
            return false;
        }
    }
    return true;
}

for (const stage of STAGES) {
    const isAlone = stage.length === 1;
    const passed = await Promise.all(stage.map((names) => chain(names, isAlone)));
    if (passed.includes(false)) {
        process.exitCode = 1;
        break;
    }
}
