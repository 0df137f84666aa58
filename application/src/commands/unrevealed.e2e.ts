import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DaySummary } from '../report/day-summary';
import { command, output, testHome } from '../testing/command';

/** Where a home expects to need and to have nothing, it orders nothing. */
const LEAST_ORDERS = 90;

interface Reported {
    readonly unrevealed: DaySummary['unrevealed'];
}

describe('a day on which a home does not open its orders', () => {
    const home = testHome(5, 11_700);
    const at = ['--home', home.directory];
    let summary: DaySummary;
    let sealed: number;

    beforeAll(async () => {
        await output('up', ...at, '--community', home.community);
        await output('deposit', 'H5', '5.00', ...at);
        summary = JSON.parse(
            await output('day', '--withholding', 'H5', '--no-election', '--json', ...at),
        ) as DaySummary;
        sealed = summary.orders.dropped;
    }, 400_000);
    afterAll(async () => {
        await command('down', ...at);
        home.remove();
    }, 300_000);

    it('goes on without them once they could have been opened, and is sound', () => {
        expect(summary).toMatchObject({ moneyImbalanceNanos: 0, energyImbalanceWh: 0, peersAgree: true });
        expect(summary.withoutOrders).toEqual(['H5']);
        expect(sealed).toBeGreaterThan(LEAST_ORDERS);
        expect(summary.orders.count).toBeGreaterThan(5 * LEAST_ORDERS);
        expect(summary.orders.reasons).toEqual({ UNREVEALED: sealed });
        expect(summary.tradedWh).toBeGreaterThan(0);
    });

    it('costs the home a part of its deposit for each, without anybody having to ask', async () => {
        expect(summary.unrevealed).toMatchObject([{ home: 'H5', orders: sealed, notTaken: null }]);
        expect(summary.unrevealed?.[0]?.forfeitedNanos).toBeGreaterThan(0);
        const again = JSON.parse(await output('stake', 'report-unrevealed', '--as', 'H2', '--json', ...at)) as Reported;
        expect(again.unrevealed).toEqual([
            { home: 'H5', orders: sealed, forfeitedNanos: 0, notTaken: `${sealed} were reported before` },
        ]);
    }, 300_000);

    it('is in order for who checks it, and tells of what was missing', async () => {
        expect(await output('check', ...at)).toMatch(
            /^yes {2}no order was left out as not revealed that nobody had called for$/m,
        );
        const text = await output('day', '--resume', '--no-election', ...at);
        expect(text).toMatch(
            new RegExp(`^Dropped ${sealed} of ${summary.orders.count} orders: ${sealed} UNREVEALED\\.$`, 'm'),
        );
        expect(text).toMatch(`H5 did not open ${sealed} of its orders`);
        expect(text).toMatch(/^No order of these took part: H5\.$/m);
    }, 240_000);

    it.each([
        { args: ['stake', 'report-silent', '2025-04-17'], exitCode: 3, says: /no schedule whose run has ended/ },
        { args: ['stake', 'report-unrevealed', 'yesterday'], exitCode: 2, says: /is not a day/ },
        {
            args: ['stake', 'report-all'],
            exitCode: 2,
            says: /Allowed choices are show, report-unrevealed, report-silent/,
        },
        { args: ['day', '--withholding', 'H9', '--day', '2025-04-17'], exitCode: 2, says: /is no household/ },
    ])(
        '$args is not accepted',
        async ({ args, exitCode, says }) => {
            const done = await command(...args, ...at);
            expect(done.exitCode).toBe(exitCode);
            expect(done.stderr).toMatch(says);
        },
        300_000,
    );
});
