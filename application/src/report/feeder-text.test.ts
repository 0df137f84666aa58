import { describe, expect, it } from '@jest/globals';
import type { DisputeMarker, FeederRecord, SuspicionRecord } from '@commonwatt/chaincode/api/records';
import { disputesText, disputeText } from './dispute-text';
import { feederLine, feederText } from './feeder-text';

const FEEDER = {
    lostWh: 2410,
    expectedWh: 2400,
    residualWh: 10,
    fits: true,
    slotsThatDoNotFit: 1,
    payer: 'grid' as const,
    costNanos: 723_000_000,
    suspected: null,
    told: false,
};

it.each([
    {
        feeder: FEEDER,
        says: "Lost on the way to the feeder: 2.410 kWh, 2.400 expected; the grid operator pays the supplier 0.72 EUR. The feeder's meter fits the members' meters.",
    },
    { feeder: { ...FEEDER, fits: false }, says: 'It does NOT fit: no meter alone explains it.' },
    { feeder: { ...FEEDER, fits: false, suspected: 'H6MSP', told: true }, says: 'suspected: H6MSP, which was told.' },
    {
        feeder: { ...FEEDER, fits: false, suspected: 'H6MSP' },
        says: 'suspected: H6MSP, to be told outside the ledger.',
    },
])('the day’s report says: $says', ({ feeder, says }) => {
    expect(feederLine(feeder, 'EUR')).toContain(says);
    expect(feederLine(feeder, 'EUR')).not.toContain('\n');
});

describe('a day at the feeder', () => {
    const record: FeederRecord = {
        day: '2014-10-03',
        signature: 'AAAA',
        slots: [{ slot: 7, feederWh: -2000n, meteredWh: -1000n, expectedWh: 50n, fits: false }],
        lostWh: 1000n,
        expectedWh: 50n,
        residualWh: 950n,
        fits: false,
        payer: 'community',
        costNanos: 300_000_000n,
        postings: [],
    };
    const own = { mspId: 'H6MSP', day: '2014-10-03', side: 'consumption', explainedPpm: 934_500n, slopePpm: 990_000n };

    it('is told with its figures, and to the home that was told what it was told', () => {
        const text = feederText(record, 'EUR', own as SuspicionRecord);
        expect(text).toMatch(/-1\.000 kWh; the feeder's meter: -2\.000 kWh/);
        expect(text).toMatch(/Lost: 1\.000 kWh; expected by the terms: 0\.050; neither explains 0\.950\./);
        expect(text).toMatch(/does NOT fit, 1 of 1 slots do not/);
        expect(text).toMatch(/H6MSP was told: the consumption[^]*93\.4500 %[^]*0\.990000 Wh/);
        expect(feederText(record, 'EUR')).not.toMatch(/was told/);
    });
});

describe('a dispute', () => {
    const marker: DisputeMarker = {
        mspId: 'H1MSP',
        id: 'd1',
        about: { kind: 'bill', from: '2014-10-03', to: '2014-10-03' },
        statements: 1,
        disputed: 'aa'.repeat(32),
        evidence: [],
        status: 'opened',
        slot: 7,
        charterVersion: 1,
    };

    it.each([
        { status: 'opened' as const, says: /the bill of 2014-10-03 is opened[^]*dispute H1 answer --id d1/ },
        { status: 'answered' as const, says: /dispute H1 resolve --id d1/ },
        { status: 'upheld' as const, says: /credit note/ },
        { status: 'rejected' as const, says: /stays as it is/ },
        { status: 'withdrawn' as const, says: /stays as it is/ },
    ])('that is $status says what comes next', ({ status, says }) => {
        expect(disputeText('H1', { ...marker, status }, [])).toMatch(says);
    });

    it.each([
        { about: { kind: 'reading' as const, slot: 7 }, says: 'the reading of slot 7' },
        { about: { kind: 'settlement' as const, day: '2014-10-03' }, says: 'the settlement of 2014-10-03' },
        { about: { kind: 'correction' as const, day: '2014-10-03', number: 2 }, says: 'correction 2 of 2014-10-03' },
        {
            about: { kind: 'bill' as const, from: '2014-10-01', to: '2014-10-31' },
            says: 'from 2014-10-01 to 2014-10-31',
        },
        { about: { kind: 'suspicion' as const, day: '2014-10-03' }, says: 'the suspicion of 2014-10-03' },
    ])('names $says', ({ about, says }) => {
        expect(disputeText('H1', { ...marker, about }, [{ file: 'a.jpg', sha256: 'bb' }])).toContain(says);
    });

    it('is listed with what was said', () => {
        const statement = { by: 'operator' as const, text: 'it was read again', evidence: ['cc'.repeat(32)] };
        const all = disputesText('H1', [{ dispute: marker, statements: [statement as never] }]);
        expect(all).toMatch(/^d1: the bill[^]*the grid operator: it was read again\n {4}evidence with SHA-256 cccc/);
        expect(disputesText('H1', [])).toMatch(/no disputes; `commonwatt dispute H1 open/);
    });
});
