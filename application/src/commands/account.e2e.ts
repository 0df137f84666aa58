import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DaySummary } from '../report/day-summary';
import { command, output, testHome } from '../testing/command';

const HOMES = 4;
const FIRST_PORT = 10_200;
const NANOS = 1_000_000_000;

/** What `account --json` prints: whole numbers as decimal strings. */
interface Shown {
    readonly account: { readonly version: string; readonly availableNanos: string; readonly holds: readonly unknown[] };
    readonly statements: readonly { readonly statement: { readonly kind: string; readonly reference: string } }[];
}

describe('the money of a community', () => {
    const home = testHome(HOMES, FIRST_PORT);
    const at = ['--home', home.directory];
    const accountOf = async (id: string, ...part: readonly string[]): Promise<Shown> =>
        JSON.parse(await output('account', id, ...part, '--json', ...at)) as Shown;
    const availableOf = async (id: string): Promise<number> =>
        Number((await accountOf(id)).account.availableNanos) / NANOS;

    beforeAll(async () => {
        await output('up', '--json', ...at, '--community', home.community);
    }, 240_000);
    afterAll(async () => {
        await command('down', ...at);
        home.remove();
    }, 300_000);

    it('comes in by the bank, goes out by the bank, and is reserved in between', async () => {
        await accountOf('H1', 'deposit', '12.50');
        expect(await availableOf('H1')).toBe(1_012.5);
        await accountOf('H1', 'withdraw', '12.00', '--reference', 'w1');
        expect(await availableOf('H1')).toBe(1_000.5);
        expect((await accountOf('H1')).account.holds).toEqual([
            { kind: 'withdrawal', subject: 'w1', amountNanos: '12000000000' },
        ]);
        const paidOut = await accountOf('H1', 'pay-out');
        expect(paidOut.account.holds).toEqual([]);
        expect(paidOut.statements.map(({ statement }) => statement.kind).sort()).toEqual([
            'deposit',
            'deposit',
            'paidOut',
        ]);
        await accountOf('H1', 'withdraw', '0.50', '--reference', 'w2');
        await accountOf('H1', 'return', '--reference', 'w2');
        expect(await availableOf('H1')).toBe(1_000.5);
    }, 300_000);

    it.each([
        { args: ['H1', 'withdraw', '5000'], exitCode: 3, says: /BALANCE_TOO_SMALL/ },
        { args: ['H1', 'deposit', '5', '--reference', 'opening'], exitCode: 3, says: /STATEMENT_EXISTS/ },
        { args: ['H1', 'withdraw', '1.234'], exitCode: 2, says: /not an amount of money/ },
        { args: ['H9'], exitCode: 2, says: /is no household/ },
    ])(
        'refuses $args',
        async ({ args, exitCode, says }) => {
            const ended = await command('account', ...args, ...at);
            expect(ended).toMatchObject({ exitCode, stdout: '' });
            expect(ended.stderr).toMatch(says);
        },
        300_000,
    );

    it('lets a deposit wait that the account has no room for, and the rest of the account be used', async () => {
        await accountOf('H3', 'deposit', '0.01');
        await accountOf('H3', 'deposit', '4000.01', '--reference', 'much');
        expect(await output('account', 'H3', ...at)).toContain('paid in 4000.01 EUR, reference much, not taken in yet');
        await accountOf('H3', 'withdraw', '0.02', '--reference', 'w1');
        await accountOf('H3', 'pay-out');
        expect(await availableOf('H3')).toBe(5_000);
    }, 300_000);

    it('lets a home without cover not trade, everybody else trade, and explains every nano', async () => {
        await accountOf('H2', 'withdraw', '990', '--reference', 'all');
        const { exitCode, stdout } = await command('day', '--no-election', '--json', ...at);
        const summary = JSON.parse(stdout) as DaySummary;
        expect({
            exitCode,
            invalid: summary.invalid,
            bought: summary.bills.map(({ boughtWh, soldWh }) => boughtWh + soldWh > 0),
        }).toEqual({
            exitCode: 0,
            invalid: {},
            bought: [expect.anything(), false, expect.anything(), expect.anything()],
        });
        expect(summary.tradedWh).toBeGreaterThan(0);
        expect(summary.accounts).toMatchObject({ unaccountedNanos: 0, unpaid: [] });
        expect(summary.accounts?.reservedNanos).toBe(990 * NANOS);
    }, 300_000);

    it('takes a credit note in once its bill is paid, and collects nothing where nothing is owed', async () => {
        const before = await availableOf('H3');
        expect(await output('billing', 'final', '--due', '2025-05-14', ...at)).toContain('Run 1 is final');
        const credit = ['credit-note', '--number', '3', '--payee', 'supplier', '--vat', '19', '--reason', 'read wrong'];
        const { stdout, stderr } = await command('billing', ...credit, '--amount', '0.10', ...at);
        const isPaidOut = stderr.includes('CREDIT_TOO_LARGE');
        const amount = isPaidOut ? '-0.10' : '0.10';
        const said = isPaidOut ? await output('billing', ...credit, '--amount', amount, ...at) : stdout;
        expect(said).toContain('It is on the account of H3.');
        expect(await availableOf('H3')).toBeCloseTo(before + Number(amount), 9);
        expect(await output('billing', 'collect', ...at)).toContain('Collected: nothing.');
    }, 300_000);
});
