import { expect, it } from '@jest/globals';
import type { BillRecord } from '@commonwatt/chaincode/api/records';
import { billText } from './bill-text';

const line = {
    price: null,
    energyWh: 0n,
    rounds: [] as number[],
    vatPpm: 190_000n,
    seller: 'supplier' as const,
};
const BILL: BillRecord = {
    key: 'bill/H1MSP/2025-04-15/2025-04-16',
    version: 1,
    mspId: 'H1MSP',
    salt: '00'.repeat(32),
    signature: 'AAAA',
    from: '2025-04-15',
    to: '2025-04-16',
    signedBy: 'owner',
    provisional: false,
    lines: [
        {
            ...line,
            item: 'localPurchase',
            price: 150_000n,
            energyWh: 400n,
            amountNanos: -60_000_000n,
            rounds: [1_939_300, 1_939_301, 1_939_310],
            seller: 'pool',
            vatPpm: 0n,
        },
        { ...line, item: 'retail', price: 300_000n, energyWh: 600n, amountNanos: -180_000_000n, rounds: [1_939_301] },
        { ...line, item: 'fixed', charge: 'basic', days: 2, amountNanos: -400_000_000n },
        {
            ...line,
            item: 'percentage',
            charge: 'levy',
            ppm: 7_500n,
            days: 2,
            amountNanos: -1_350_000n,
            seller: 'community',
        },
    ],
    balanceNanos: -641_350_000n,
    taxes: [
        { on: 'bought', ppm: 0n, netNanos: -60_000_000n, taxMinor: 0n },
        { on: 'bought', ppm: 190_000n, netNanos: -581_350_000n, taxMinor: 11n },
    ],
    dueMinor: 75n,
    postings: [],
    settledNanos: 0n,
    commitment: { layout: 'bill/v1', element: '00'.repeat(32) },
};

it('a bill says what each line is, its tax, and what is due', () => {
    expect(billText('H1', BILL, 'EUR')).toBe(
        [
            'Bill of H1 for 2025-04-15 to 2025-04-16',
            '',
            'item                        kWh  EUR/kWh       EUR   VAT  rounds',
            '────────────────────────  ─────  ───────  ────────  ────  ────────────────────────',
            'bought from neighbours    0.400     0.15  0.060000   0 %  1939300-1939301, 1939310',
            'bought from the supplier  0.600     0.30  0.180000  19 %  1939301',
            'fixed charge basic                        0.400000  19 %  2 days',
            'levy, 0.75 %                              0.001350  19 %  2 days',
            '',
            'VAT 19 % on 0.581350 EUR bought: 0.11 EUR',
            'H1 pays 0.75 EUR.',
        ].join('\n'),
    );
});

it('a bill says which days it corrects, by how much, and the tax of that', () => {
    const corrected: BillRecord = {
        ...BILL,
        lines: [
            {
                ...line,
                item: 'correction',
                price: 300_000n,
                energyWh: -300n,
                amountNanos: 90_000_000n,
                rounds: [1_939_204],
            },
            {
                ...line,
                item: 'correction',
                price: 80_000n,
                energyWh: 100n,
                amountNanos: 8_000_000n,
                rounds: [1_939_205],
                seller: 'household',
                vatPpm: 0n,
            },
            {
                ...line,
                item: 'correction',
                charge: 'levy',
                ppm: 7_500n,
                days: 1,
                amountNanos: 675_000n,
                seller: 'community',
            },
        ],
        taxes: [{ on: 'bought', ppm: 190_000n, netNanos: 90_675_000n, taxMinor: -2n }],
        dueMinor: -12n,
        corrections: {
            of: [
                { day: '2025-04-14', number: 1 },
                { day: '2025-04-14', number: 2 },
            ],
            correctedNanos: 98_000_000n,
            dueMinor: -12n,
            postings: [],
            commitment: { layout: 'bill-corrections/v1', element: '00'.repeat(32) },
        },
    };
    expect(billText('H1', corrected, 'EUR').split('\n').slice(4)).toEqual([
        'correction: bought from the supplier  -0.300     0.30  -0.090000  19 %  1939204',
        'correction: sold to the supplier       0.100     0.08  -0.008000   0 %  1939205',
        'correction: levy, 0.75 %                               -0.000675  19 %  1 days',
        '',
        'VAT 19 % on -0.090675 EUR bought: -0.02 EUR',
        'H1 is paid 0.12 EUR.',
        'Corrections of 2025-04-14 are part of it.',
    ]);
});
