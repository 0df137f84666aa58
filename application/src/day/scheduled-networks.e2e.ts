import { describe, expect, it } from '@jest/globals';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import { command, output, testHome } from '../testing/command';
import type { DaySummary } from '../report/day-summary';
import type { ScheduleSummary } from '../report/schedule/schedule-summary';

const HOMES = 3;
const FIRST_PORT = 19_200;
const LIMIT_MS = 600_000;

describe("a day that is agreed on ahead on Fabric's peers", () => {
    const here = hasFabric(process.env) ? it : it.skip;

    here(
        'is settled and billed by iterations and by certificate, none of its transactions invalid',
        async () => {
            const home = testHome(HOMES, FIRST_PORT);
            const at = ['--home', home.directory];
            try {
                await output('up', ...at, '--community', home.community, '--network', 'native');
                const iterated = JSON.parse(
                    await output('day', '--schedule', '--no-election', '--json', ...at),
                ) as DaySummary;
                const day = '2025-04-17';
                const certificate = await output('schedule', day, '--mode', 'certificate', '--json', ...at);
                expect(JSON.parse(certificate) as ScheduleSummary).toMatchObject({ status: 'converged', silent: [] });
                const resumed = await output('day', '--resume', '--day', day, '--no-election', '--json', ...at);
                for (const summary of [iterated, JSON.parse(resumed) as DaySummary]) {
                    expect(summary).toMatchObject({
                        energyImbalanceWh: 0,
                        moneyImbalanceNanos: 0,
                        invalid: {},
                        peersAgree: true,
                    });
                    expect(summary.schedule).toMatchObject({ status: 'converged' });
                    expect(summary.bills).toHaveLength(HOMES);
                }
                expect(await output('check', ...at)).toMatch(/^Everything that was checked holds\.$/m);
            } finally {
                await command('down', ...at);
                home.remove();
            }
        },
        LIMIT_MS,
    );
});
