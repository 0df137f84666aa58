import { describe, expect, it } from '@jest/globals';
import type { SettlementDraft, Terms } from '@commonwatt/chaincode/api/records';
import { plainDue } from '../audit/plain-tariff';
import { plainImbalance, type OwnSchedule } from '../audit/plain-schedule';
import { BillDisputed, checkSettlement, plainSlots, withoutMarket, type OwnDay } from './bill-check';

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
const SCHEDULE: OwnSchedule = {
    energiesWh: [4000n, -1000n],
    pricesNanos: [300_000_000n, 250_066_667n],
    imbalance: plainImbalance(['short', 'long'], { shortPrice: 350_000n, longPrice: 50_000n }),
};
const OWN: OwnDay = {
    firstSlot: FIRST,
    netsWh: [-4300n, 1100n],
    orders: [],
    rounds: [],
    terms: TERMS,
    clock: [{ fromSlot: 0, offsetMinutes: 60 }],
    payer: { mspId: 'H1MSP', meters: 1 },
    scheduled: SCHEDULE,
};
const NANOS = 4000n * 300_000n + 300n * 350_000n - 1000n * 250_067n - 100n * 50_000n;

/** The settlement, with a slot changed. */
function draft(change: Partial<SettlementDraft['slots'][number]> = {}, nanos = NANOS): SettlementDraft {
    const slot = {
        readingVersion: 1,
        readingKind: 'register',
        boughtWh: 0n,
        soldWh: 0n,
        paidNanos: 0n,
        earnedNanos: 0n,
    } as const;
    return {
        key: `settlement/${DAY}/H1MSP`,
        version: 1,
        mspId: 'H1MSP',
        salt: '00'.repeat(32),
        day: DAY,
        signedBy: 'owner',
        provisional: false,
        pool: 1,
        slots: [
            {
                ...slot,
                slot: FIRST,
                meteredWh: -4300n,
                boughtWh: 4000n,
                paidNanos: 1_200_000_000n,
                imbalance: 350_000n,
                ...change,
            },
            {
                ...slot,
                slot: FIRST + 1,
                meteredWh: 1100n,
                soldWh: 1000n,
                earnedNanos: 250_067_000n,
                imbalance: 50_000n,
            },
        ],
        postings: [{ account: 'household:H1MSP', amountNanos: -nanos }],
        commitment: { layout: 'settlement/v1', element: '00'.repeat(32) },
    };
}

describe('a household signs the settlement of a day that it agreed on before', () => {
    it('where it pays its schedule, and what differs at the imbalance price', () => {
        expect(checkSettlement(draft(), OWN)).toMatchObject({
            nanos: NANOS,
            boughtWh: 4000n,
            soldWh: 1000n,
            withoutMarketNanos: 4300n * 300_000n - 1100n * 80_000n,
        });
    });

    it('and compares it with the tariffs alone', () => {
        const day = { day: DAY, terms: TERMS, slots: plainSlots(OWN) };
        expect(plainDue([day], OWN.payer).netNanos).toBe(NANOS);
        expect(plainDue([withoutMarket(day)], OWN.payer).netNanos).toBe(4300n * 300_000n - 1100n * 80_000n);
    });

    it.each([
        { what: 'another energy was agreed to', given: draft({ boughtWh: 3999n }) },
        { what: 'another price holds for what differs', given: draft({ imbalance: 350_001n }) },
        { what: 'a round is said to have traded', given: draft({ imbalance: undefined }) },
    ])('but not where $what', ({ given }) => {
        expect(() => checkSettlement(given, OWN)).toThrow(BillDisputed);
        expect(() => checkSettlement(given, OWN)).toThrow(/our meter, schedule and contracts in slot 1567200/);
    });

    it('nor where it pays a nano more', () => {
        expect(() => checkSettlement(draft({}, NANOS + 1n), OWN)).toThrow(/we work out/);
    });

    it('nor where its schedule ends before the day', () => {
        const short = { ...SCHEDULE, energiesWh: [4000n] };
        expect(() => plainSlots({ ...OWN, scheduled: short })).toThrow('the schedule has no slot 1');
    });
});
