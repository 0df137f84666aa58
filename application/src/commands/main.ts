import { CommanderError } from 'commander';
import { EXIT, failureOf } from './failure';
import { commandLine } from './program';

async function main(argv: readonly string[]): Promise<void> {
    try {
        await commandLine((exitCode) => {
            process.exitCode = exitCode;
        }).parseAsync([...argv]);
    } catch (error) {
        if (error instanceof CommanderError) {
            process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage; // Commander has said what is wrong.
            return;
        }
        const { exitCode, message } = failureOf(error);
        process.stderr.write(`commonwatt: ${message}\n`);
        if (process.env['COMMONWATT_TRACE'] !== undefined && error instanceof Error) {
            process.stderr.write(`${error.stack ?? ''}\n`);
        }
        process.exitCode = exitCode;
        if (exitCode === EXIT.interrupted) {
            process.exit(); // What was going on in the background has nobody left to tell.
        }
    }
}

void main(process.argv);
