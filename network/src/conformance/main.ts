import { findFabric, hasFabric, type FabricBinaries } from '../topology/native/binaries';
import { runConformance, type Counts, type Report } from './run';

const PORT_BASE = 17_000;

const counts = ({ passed, failed, skipped }: Counts): string =>
    `${passed} passed, ${failed} failed, ${skipped} skipped`;

function summary(report: Report): string {
    const { scenarios, embedded, native, differences, explained, fabric } = report;
    return [
        `${scenarios} scenarios`,
        `embedded  ${counts(embedded)}`,
        `native    ${counts(native)} (${fabric === undefined ? 'no Fabric binaries in FABRIC_BIN or PATH' : `Fabric ${fabric}`})`,
        `${differences.length} differences, and ${explained.length} that docs/reference/conformance.md explains`,
    ].join('\n');
}

/** With the orderer if it is there too. */
function found(): FabricBinaries | undefined {
    const needed = [{ orderer: true }, { orderer: false }].find((each) => hasFabric(process.env, each));
    return needed && findFabric(process.env, needed);
}

async function main(args: readonly string[]): Promise<void> {
    const isJson = args.includes('--json');
    const unknown = args.filter((each) => each !== '--json');
    if (unknown.length > 0) throw new Error(`unknown argument ${unknown.join(' ')}; there is --json`);
    const fabric = found();
    const report = await runConformance({
        portBase: PORT_BASE,
        fabric,
        progress: (line) => process.stderr.write(`${line}\n`),
    });
    process.stdout.write(isJson ? `${JSON.stringify(report, null, 4)}\n` : `${summary(report)}\n`);
    const isGood = report.failures.length === 0 && report.differences.length === 0;
    process.exitCode = isGood ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
        process.exit(1);
    });
}
main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
