import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { command, output, testHome, type TestHome } from '../testing/command';

const FIRST_PORT = 10_250;
const DAY = '2025-04-16';
const HOMES = ['H1', 'H2', 'H3', 'H4'];
/** An example of the IBAN registry. */
const IBAN = 'DE89370400440532013000';

interface Documents {
    readonly items: readonly {
        readonly document: { readonly number: string; readonly mspId: string };
        readonly dueMinor: string;
    }[];
}

describe('the bills of a day, from preview to payment', () => {
    let home: TestHome;
    const at = (...args: readonly string[]): string[] => [...args, '--home', home.directory];
    const billing = (...args: readonly string[]): Promise<string> => output(...at('billing', ...args));
    const open = async (): Promise<Documents> => JSON.parse(await billing('open', '--json')) as Documents;
    beforeAll(async () => {
        home = testHome(HOMES.length, FIRST_PORT);
        // Where members have accounts these pay bills at once; here they are paid by hand.
        const { accounts: _accounts, ...file } = parse(readFileSync(home.community, 'utf8')) as Record<string, unknown>;
        expect(_accounts).toBeDefined();
        writeFileSync(home.community, stringify(file));
        await output(...at('up', '--community', home.community));
        await output(...at('day', '--no-election'));
    }, 400_000);
    afterAll(async () => {
        await command(...at('down'));
        home.remove();
    }, 300_000);

    it('has charges and tax on each bill', async () => {
        const text = await output(...at('bill', 'H2'));
        expect(text).toMatch(/fixed charge basic +0\.200000 +19 % +1 days/);
        expect(text).toMatch(/VAT 19 % on .* EUR bought: /);
    });

    it('numbers all bills in one run, once', async () => {
        expect(await billing('preview')).toMatch(/Run 1 would number:[^]* 4 +H4 +bill[^]*Without a bill: nobody/);
        expect(await billing('final', '--due', '2025-05-14')).toContain('Run 1 is final: numbers 1 to 4');
        expect(await command(...at('billing', 'final', '--due', '2025-05-14'))).toMatchObject({ exitCode: 3 });
        expect(await billing('statement', '--month', '2025-04')).toMatch(/1 closed days[^]*supplier[^]*open/);
    }, 300_000);

    it('asks again for what is overdue, and takes payments', async () => {
        expect(await billing('open', '--as-of', '2025-05-20')).toContain('Open on 2025-05-20');
        // Nobody is asked for what is owed to it.
        const owing = (await open()).items.filter(({ dueMinor }) => Number(dueMinor) > 0);
        const numbers = owing.map(({ document }) => document.number).join(', ');
        expect(numbers).toMatch(/3/);
        expect(await billing('remind')).toContain(`Asked again for ${numbers}.`);
        expect(await billing('paid', '--number', '2', '--as-of', DAY)).toContain('Number 2 is paid.');
        expect((await open()).items.map(({ document }) => document.number)).toEqual(['1', '3', '4']);
        expect(await command(...at('billing', 'paid', '--number', '2'))).toMatchObject({ exitCode: 3 });
    }, 300_000);

    it('takes back a part of a bill, and pays out what is owed to homes', async () => {
        const credit = ['credit-note', '--number', '3', '--payee', 'supplier', '--vat', '19', '--reason', 'read wrong'];
        expect(await billing(...credit, '--amount', '0.10')).toContain('Credit note c3 to number 3');
        const beyond = await command(...at('billing', ...credit, '--id', 'c9', '--amount', '999.00'));
        expect([beyond.exitCode, beyond.stderr]).toEqual([3, expect.stringContaining('CREDIT_TOO_LARGE')]);
        expect(await billing('final', '--due', '2025-05-31')).toContain('Run 2 is final: numbers 5 to 5');
        const file = join(home.directory, 'accounts.json');
        const homes = Object.fromEntries(HOMES.map((name) => [name, { name: `Zoë ${name}`, iban: IBAN }]));
        writeFileSync(file, JSON.stringify({ debtor: { name: 'Sonnenhang', iban: IBAN }, homes }));
        // As long as bill 3 is open its credit note lowers what is asked for it, and is not paid out.
        expect((await command(...at('billing', 'sepa', '--accounts', file))).stdout).not.toContain('D-5');
        await billing('paid', '--number', '3');
        expect(await billing('open')).toMatch(/5 +H3 +credit note c3 .* -0\.10 /);
        expect(await billing('statement', '--month', '2025-04')).toMatch(/5 +H3 +credit note c3 .* -0\.10 .*open/);
        const xml = await billing('sepa', '--accounts', file, '--as-of', '2025-06-02');
        const owed = (await open()).items.map(({ dueMinor }) => Number(dueMinor)).filter((due) => due < 0);
        const sum = (owed.reduce((all, due) => all - due, 0) / 100).toFixed(2);
        expect(xml).toContain(`<NbOfTxs>${owed.length}</NbOfTxs>`);
        expect(xml).toContain(`<CtrlSum>${sum}</CtrlSum>`);
        expect(xml).toContain('<EndToEndId>D-5</EndToEndId>');
    }, 300_000);
});
