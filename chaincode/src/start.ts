import { startService } from './service/service';

/** `node start.js governance|market`: see service/service.ts for the environment. */
startService(process.argv.slice(2), process.env).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});

process.once('SIGTERM', () => process.exit(0));
process.once('SIGINT', () => process.exit(0));
