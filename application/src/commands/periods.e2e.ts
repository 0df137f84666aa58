import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { command, output, testHome, type TestHome } from '../testing/command';

const FIRST_PORT = 12_400;
const HOMES = 6;
const [FIRST, LAST, NEXT] = ['2025-04-29', '2025-04-30', '2025-05-01'];
const DIFFERENCE = -0.01;

interface Line {
    readonly item: string;
    readonly price: string | null;
    readonly amountNanos: string;
    readonly days?: string;
    readonly rounds: readonly number[];
}
interface Bill {
    readonly from: string;
    readonly to: string;

    readonly lines: readonly Line[];
    readonly last?: boolean;
    readonly registers: readonly { readonly at: string; readonly consumptionWh: string }[];
    readonly corrections?: { readonly of: readonly { readonly day: string }[]; readonly correctedNanos: string };
}

interface File {
    market: Record<string, unknown> & { losses: Record<string, unknown> };
    homes: Record<string, Record<string, unknown>>;
}

/** Two zones of the grid; energy from the pool is cheaper to carry in the lower one. Members pay for losses, bills are of a month. */
function governed(text: string): string {
    const file = parse(text) as File;
    Object.assign(file.market, {
        billEvery: 'month',
        zoneFees: [{ from: 'pool', to: 'lower', differencePerKwh: DIFFERENCE }],
    });
    file.market.losses['payer'] = 'members';
    Object.values(file.homes).forEach((home, index) => {
        home['zone'] = index < HOMES / 2 ? 'upper' : 'lower';
    });
    return stringify(file);
}

describe('bills of a month, in a community of two zones whose members pay for losses', () => {
    let home: TestHome;
    const at = (...args: readonly string[]): string[] => [...args, '--home', home.directory];
    const day = async (which: string, ...more: readonly string[]): Promise<void> => {
        await output(...at('day', '--day', which, '--no-election', ...more));
    };
    const billOf = async (id: string, from: string, to: string): Promise<Bill> =>
        JSON.parse(await output(...at('bill', id, '--json', '--from', from, '--to', to))) as Bill;
    beforeAll(async () => {
        home = testHome(HOMES, FIRST_PORT);
        writeFileSync(home.community, governed(readFileSync(home.community, 'utf8')));
        await output(...at('up', '--community', home.community));
    }, 300_000);
    afterAll(async () => {
        await command(...at('down'));
        home.remove();
    }, 300_000);

    it('are issued by the agents when the month is over, and not before', async () => {
        await day(FIRST);
        expect(await command(...at('bill', 'H1', '--day', FIRST))).toMatchObject({ exitCode: 3 });
        await day(LAST, '--understating', 'H6');
        const bill = await billOf('H1', FIRST, LAST);
        expect(bill.lines.find(({ item }) => item === 'fixed')?.days).toBe('2');
        expect(bill.registers.map((each) => each.at)).toEqual(['begin', 'end']);
        expect(bill).not.toHaveProperty('last');
    }, 400_000);

    it('say what the household pays for losses, and have the grid fee of its zone', async () => {
        const fees = new Map<string, Set<string | null>>();
        for (const [index, id] of ['H1', 'H2', 'H3', 'H4', 'H5', 'H6'].entries()) {
            const { lines } = await billOf(id, FIRST, LAST);
            expect(lines.filter(({ item }) => item === 'losses')).toMatchObject([{ days: '2' }]);
            const zone = index < HOMES / 2 ? 'upper' : 'lower';
            const prices = lines.filter(({ item }) => item === 'gridFee').map(({ price }) => price);
            fees.set(zone, new Set([...(fees.get(zone) ?? []), ...prices]));
        }
        expect(fees).toEqual(
            new Map([
                ['upper', new Set(['40000'])],
                ['lower', new Set(['30000'])],
            ]),
        );
    }, 300_000);

    it('add up, as anybody can check from public data', async () => {
        const text = await output(...at('check', LAST, '--as', 'H3'));
        expect(text).toContain('the bills take over what their days settled, and what members pay for losses');
    }, 300_000);

    it('take corrections of days that are billed already, without being told, and end with the final reading', async () => {
        const corrected = await output(...at('correct', 'H6'));
        expect(corrected).toMatch(
            /readings of H6 on 2025-04-30 gave way[^]*its agent puts the correction onto the next/,
        );
        await day(NEXT);
        expect(await command(...at('bill', 'H6', '--day', NEXT))).toMatchObject({ exitCode: 3 });
        const left = await output(...at('leave', 'H6', '--from-day', '2025-05-02'));
        expect(left).toMatch(/Bill of H6 for 2025-05-01[^]*correction: bought from the supplier/);
        expect(left).toMatch(/Meter main at the end: [\d.]+ kWh drawn[^]*H6 moves out: this is its last bill/);
        const bill = await billOf('H6', NEXT, NEXT);
        expect(bill).toMatchObject({ last: true, corrections: { of: [{ day: LAST, number: '1' }] } });
        expect(BigInt(bill.corrections?.correctedNanos ?? 0)).toBeLessThan(0n);
        // The others' month has just begun.
        expect(await command(...at('bill', 'H1', '--day', NEXT))).toMatchObject({ exitCode: 3 });
        expect(await output(...at('members'))).toContain('H6');
    }, 300_000);
});
