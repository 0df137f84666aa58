import { describe, expect, it } from '@jest/globals';
import type { OrderRecord, RoundRecord, SettlementDraft, Terms } from '@commonwatt/chaincode/api/records';
import { maskContext } from '@commonwatt/chaincode/api/outcomes';
import { maskOutcome } from '@commonwatt/chaincode/domain/auction/mask';
import { nanos, wattHours } from '@commonwatt/chaincode/domain/quantity';
import { BillDisputed, checkBill, checkSettlement, plainSlots, type OwnDay } from './bill-check';

const FIRST = 1_567_200;
const DAY = '2014-10-03';
const TERMS: Terms = {
    fromDay: '2010-01-01',
    toDay: null,
    retail: 300_000n,
    feedIn: 80_000n,
    gridFee: 40_000n,
    communityFee: 30_000n,
    floor: 0n,
    cap: 500_000n,
    k: { numerator: 1n, denominator: 2n },
    gateSlots: 1,
};
const CLOCK = [{ fromSlot: 0, offsetMinutes: 60 }];
const PAYER = { mspId: 'H1MSP', meters: 1 };
const ORDER: OrderRecord = {
    key: `order/000${FIRST}/H1MSP/o1`,
    version: 1,
    mspId: 'H1MSP',
    slot: FIRST,
    id: 'o1',
    side: 'buy',
    energyWh: 500n,
    limit: 200_000n,
    salt: '5a'.repeat(32),
    signature: 'AAAA',
};

/** We need 500 Wh in the first slot, of which 300 are bought, and have 100 Wh over in the second. */
function ownDay(fill = 300n, amount = fill * 150_000n): OwnDay {
    const attempt = 'the transaction that cleared';
    const masked = maskOutcome(maskContext({ day: DAY, slot: FIRST }, ORDER, attempt), {
        fill: wattHours(fill),
        amount: nanos(amount),
        reason: 'RATIONED',
    });
    const round = {
        day: DAY,
        status: 'cleared',
        replay: true,
        charterVersion: 4,
        mechanism: 'uniform-price/v1',
        attempt,
    } as const;
    const rounds: RoundRecord[] = [
        { ...round, slot: FIRST, price: 150_000n, outcomes: [{ order: 'H1MSP/o1', masked }] },
        { ...round, slot: FIRST + 1, price: null, outcomes: [] },
    ];
    return {
        firstSlot: FIRST,
        netsWh: [-500n, 100n],
        orders: [ORDER],
        rounds,
        terms: TERMS,
        clock: CLOCK,
        payer: PAYER,
    };
}

const NANOS = 300n * (150_000n + 70_000n) + 200n * 300_000n - 100n * 80_000n;

function draft(changes: Partial<SettlementDraft> = {}): SettlementDraft {
    const slot = { readingVersion: 1, readingKind: 'register', soldWh: 0n, paidNanos: 0n, earnedNanos: 0n } as const;
    return {
        key: `settlement/${DAY}/H1MSP`,
        version: 1,
        mspId: 'H1MSP',
        salt: '00'.repeat(32),
        day: DAY,
        signedBy: 'owner',
        provisional: false,
        slots: [
            { ...slot, slot: FIRST, meteredWh: -500n, boughtWh: 300n, paidNanos: 45_000_000n },
            { ...slot, slot: FIRST + 1, meteredWh: 100n, boughtWh: 0n },
        ],
        postings: [{ account: 'household:H1MSP', amountNanos: -NANOS }],
        commitment: { layout: 'settlement/v1', element: '00'.repeat(32) },
        ...changes,
    };
}

describe('a household signs a settlement', () => {
    it('that is what it works out from its meter, its orders and public prices', () => {
        expect(checkSettlement(draft(), ownDay())).toMatchObject({ nanos: NANOS, boughtWh: 300n });
    });

    it.each([
        {
            what: 'another energy than its meter shows',
            changes: { slots: draft().slots.map((slot) => ({ ...slot, meteredWh: slot.meteredWh - 1n })) },
            message: /differs from our meter, orders and contracts in slot 1567200/,
        },
        {
            what: 'another fill than its order got',
            changes: { slots: draft().slots.map((slot) => ({ ...slot, boughtWh: 301n })) },
            message: /differs from our meter, orders and contracts/,
        },
        {
            what: 'a slot too few',
            changes: { slots: draft().slots.slice(0, 1) },
            message: /in slot 1567201/,
        },
        {
            what: 'a nano too much',
            changes: { postings: [{ account: 'household:H1MSP', amountNanos: -NANOS - 1n }] },
            message: /nanos are due, we work out/,
        },
    ])('and disputes one with $what', ({ changes, message }) => {
        expect(() => checkSettlement(draft(changes), ownDay())).toThrow(message);
        expect(() => checkSettlement(draft(changes), ownDay())).toThrow(BillDisputed);
    });

    it('and disputes a round that does not say what became of its order', () => {
        const { rounds, ...rest } = ownDay();
        const silent = rounds.map((round) => ({ ...round, outcomes: [] }));
        expect(() => checkSettlement(draft(), { ...rest, rounds: silent })).toThrow(
            /does not say what became of our order/,
        );
    });

    it.each([
        { what: 'more than it asked for', day: ownDay(501n) },
        { what: 'a payment above its limit', day: ownDay(300n, 300n * 200_000n + 1n) },
        { what: "a payment that is not the round's price", day: ownDay(300n, 300n * 150_000n - 1n) },
    ])('and disputes a result that gives its order $what', ({ day }) => {
        expect(() => checkSettlement(draft(), day)).toThrow(/which it did not agree to/);
    });
});

describe('a household signs a bill', () => {
    const terms: Terms = {
        ...TERMS,
        charges: [
            { kind: 'fixed', id: 'basic', payee: 'grid', every: 'month', perMeter: false, amountNanos: 310_000_000n },
        ],
        vat: { supplierPpm: 190_000n, gridPpm: 190_000n, communityPpm: 190_000n, poolPpm: 0n, members: [] },
    };
    const days = [{ day: DAY, terms, slots: plainSlots(ownDay()) }];
    const CENT = 10_000_000n;
    const bill = {
        key: `bill/H1MSP/${DAY}/${DAY}`,
        version: 1,
        mspId: 'H1MSP',
        salt: '00'.repeat(32),
        from: DAY,
        to: DAY,
        signedBy: 'owner' as const,
        provisional: false,
        lines: [],
        balanceNanos: -NANOS - 10_000_000n,
        taxes: [],
        // 12.8 cents are 13, and 19 % of 9.1 cents are 2.
        dueMinor: 15n,
        postings: [],
        settledNanos: 0n,
        commitment: { layout: 'bill/v1' as const, element: '00'.repeat(32) },
    };
    it('of what its days, their charges and taxes come to', () => {
        expect(() => {
            checkBill(bill, days, PAYER, CENT);
        }).not.toThrow();
    });
    it.each([
        { what: 'another sum', changes: { balanceNanos: bill.balanceNanos - 1n } },
        { what: 'a cent more', changes: { dueMinor: 16n } },
    ])('and disputes one of $what', ({ changes }) => {
        expect(() => {
            checkBill({ ...bill, ...changes }, days, PAYER, CENT);
        }).toThrow(BillDisputed);
    });

    it('that also corrects a day by what its own meter says, and by nothing else', () => {
        // 500 Wh less at retail: 15 cents, and 19 % of them are 3.
        const corrected = [{ day: DAY, terms, slots: plainSlots(estimated()), corrected: plainSlots(ownDay()) }];
        const both = { ...bill, balanceNanos: bill.balanceNanos + 150_000_000n, dueMinor: 15n - 18n };
        const check = (of: typeof bill): void => {
            checkBill(of, days, PAYER, CENT, corrected);
        };
        expect(() => {
            check(both);
        }).not.toThrow();
        expect(() => {
            check(bill);
        }).toThrow(BillDisputed);
        expect(() => {
            check({ ...both, dueMinor: both.dueMinor + 1n });
        }).toThrow(BillDisputed);
    });
    const estimated = (): OwnDay => ({ ...ownDay(), netsWh: [-1000n, 100n] });
});
