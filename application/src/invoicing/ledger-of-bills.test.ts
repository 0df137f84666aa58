import { describe, expect, it } from '@jest/globals';
import { openClaims, type Item } from './ledger-of-bills';

const PAID = { paid: { day: '2025-05-10', reference: 'r' } };
const item = (number: number, mspId: string, dueMinor: bigint | undefined, id = 'bill', change = {}): Item => ({
    document: {
        ...{ mspId, from: '2025-04-01', to: '2025-04-30', id, number, run: 1, hash: '00'.repeat(32) },
        ...{ dueDay: '2025-05-14', reminders: [] },
        ...change,
    },
    dueMinor,
});

describe('what is open between the community and a home', () => {
    it.each<{ what: string; items: Item[]; claims: readonly (readonly [string, string, bigint])[] }>([
        { what: 'is a bill that nobody has paid', items: [item(1, 'H1MSP', 42n)], claims: [['H1MSP', '1', 42n]] },
        { what: 'is nothing of a bill that is paid', items: [item(1, 'H1MSP', 42n, 'bill', PAID)], claims: [] },
        {
            what: 'is less by credit notes, as long as the bill is open',
            items: [item(1, 'H1MSP', 42n), item(5, 'H1MSP', -10n, 'c1'), item(6, 'H1MSP', -2n, 'c2')],
            claims: [['H1MSP', '1 5 6', 30n]],
        },
        {
            what: 'is nothing where all of a bill was taken back',
            items: [item(1, 'H1MSP', 42n), item(5, 'H1MSP', -42n, 'c1')],
            claims: [['H1MSP', '1 5', 0n]],
        },
        {
            what: 'is paid out to the home, of a bill that was paid before',
            items: [item(1, 'H1MSP', 42n, 'bill', PAID), item(5, 'H1MSP', -10n, 'c1')],
            claims: [['H1MSP', '5', -10n]],
        },
        {
            what: 'is asked of the home, of a bill that was paid out too much',
            items: [item(1, 'H1MSP', -42n, 'bill', PAID), item(5, 'H1MSP', 7n, 'c1')],
            claims: [['H1MSP', '5', 7n]],
        },
        {
            what: 'is for each home and period apart, and not told of what was purged',
            items: [item(1, 'H1MSP', 42n), item(2, 'H2MSP', -5n), item(3, 'H3MSP', undefined)],
            claims: [
                ['H1MSP', '1', 42n],
                ['H2MSP', '2', -5n],
            ],
        },
    ])('$what', ({ items, claims }) => {
        expect(openClaims(items).map(({ mspId, numbers, netMinor }) => [mspId, numbers.join(' '), netMinor])).toEqual(
            claims,
        );
    });
});
