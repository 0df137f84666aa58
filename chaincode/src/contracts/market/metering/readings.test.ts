import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ReadingRecord } from '../../../api/records';
import {
    askedOf,
    DAY,
    DSO,
    FIRST,
    household,
    meterKey,
    NOW,
    OPERATOR_KEY,
    ownerKey,
    reading,
    readings,
    span,
    TestCommunity,
} from '../../../testing/community';
import { testKey } from '../../../testing/identities';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const [SLOT, KNOWN] = [FIRST + 50, FIRST + 10];

let community: TestCommunity;

const one = (netWh: bigint, change: Partial<ReadingRecord> = {}, signer = ownerKey(H1)): ReadingRecord => {
    const slot = change.slot ?? SLOT;
    const consumed = netWh < 0n ? -netWh : 0n;
    const spans = [span(H1, slot, { consumption: [500n, 500n + consumed], generation: [0n, netWh + consumed] })];
    return reading(H1, slot, netWh, change.spans ?? spans, change, signer);
};

function refusal(
    given: readonly ReadingRecord[],
    { by = H1, mspId = H1, time = NOW, slots = askedOf(given) } = {},
): Promise<string> {
    const options = { by, endorsers: [mspId, DSO], transient: { readings: given }, time };
    return community.refusal('metering:recordReadings', { mspId, slots }, options);
}

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    await community.recordReadings(H1, readings(H1, KNOWN, [-100n, -100n]));
});

describe('recordReadings', () => {
    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; given: ReadingRecord[]; options?: Parameters<typeof refusal>[1] }>([
        { code: 'FORBIDDEN', given: [one(-1n, {}, ownerKey(H2))], options: { by: H2 } },
        { code: 'MEMBER_UNKNOWN', given: [one(-1n)], options: { by: 'H9MSP', mspId: 'H9MSP' } },
        { code: 'MEMBER_NOT_ACTIVE', given: [one(-1n, { slot: FIRST - 500 })] },
        { code: 'READINGS_OUT_OF_ORDER', given: [...readings(H1, SLOT, [-1n, -1n])].reverse() },
        { code: 'READINGS_OUT_OF_ORDER', given: [one(-1n), one(-1n)] },
        { code: 'READING_IN_FUTURE', given: [one(-1n, { version: 2 })], options: { time: (SLOT + 1) * 900 - 1 } },
        { code: 'CORRECTION_WITHOUT_REASON', given: [one(-1n, { version: 2, key: 'x' })] },
        { code: 'RECORD_WRONG', given: [one(-1n, { key: 'x' }, ownerKey(H2))] },
        { code: 'RECORD_WRONG', given: [one(-1n)], options: { slots: askedOf(readings(H1, SLOT, [-1n, -1n])) } },
        { code: 'READING_KIND_WRONG', given: [one(-1n, { kind: 'gap' }, ownerKey(H2))] },
        { code: 'READING_KIND_WRONG', given: [one(-1n, { kind: 'estimated', spans: [], reason: 'mine' })] },
        { code: 'READING_KIND_WRONG', given: [one(-1n, { spans: [span(H1, SLOT + 1, { consumption: [0n, 1n] })] })] },
        {
            code: 'METER_UNKNOWN',
            given: [one(-1n, { spans: [span(H1, SLOT, { consumption: [0n, 1n] }, { meterId: 'm9' })] }, ownerKey(H2))],
        },
        {
            code: 'SIGNATURE_INVALID',
            given: [one(-5n, { spans: [span(H1, SLOT, { consumption: [0n, 1n] }, { signer: meterKey(H2) })] })],
        },
        { code: 'SIGNATURE_INVALID', given: [one(-5n, { spans: [span(H2, SLOT, { consumption: [0n, 5n] })] })] },
        { code: 'SIGNATURE_INVALID', given: [one(-9_999n, {}, ownerKey(H2))] },
        { code: 'METER_DISAGREES', given: [one(-9_999n), one(-1n, { slot: SLOT + 1 })] },
        { code: 'READING_ENERGY_WRONG', given: [one(-5n, { spans: [span(H1, SLOT, { consumption: [0n, 6n] })] })] },
        {
            code: 'READING_ENERGY_WRONG',
            given: [one(0n, { spans: [span(H1, SLOT, { consumption: [0n, 1_000_000n] })] })],
        },
        { code: 'READING_ABOVE_LIMIT', given: [one(-1_501n, { slot: KNOWN })] },
        { code: 'READING_ABOVE_LIMIT', given: [one(1_001n)] },
        { code: 'READING_VERSION_EXISTS', given: [one(-1n, { slot: KNOWN })] },
        { code: 'READING_VERSION_SKIPPED', given: [one(-1n, { slot: KNOWN, version: 3, reason: 'a test' })] },
        { code: 'READING_VERSION_SKIPPED', given: [one(-1n, { version: 2, reason: 'a test' })] },
    ])('refuses with $code and writes nothing', async ({ code, given, options }) => {
        expect(await refusal(given, options)).toBe(code);
    });

    it('takes 96 slots at once, and a slot as soon as it has ended', async () => {
        const whole = readings(
            H2,
            FIRST,
            Array.from({ length: 96 }, (_, i) => (i % 2 === 0 ? -20n : 10n)),
        );
        await community.recordReadings(H2, whole);
        expect(await community.query('metering:markers', { mspId: H2, day: DAY })).toHaveLength(96);
        const given = [one(-10n)];
        const options = { by: H1, endorsers: [H1, DSO], transient: { readings: given }, time: (SLOT + 1) * 900 };
        await community.submit('metering:recordReadings', { mspId: H1, slots: askedOf(given) }, options);
    });

    it('makes energy of a register that has rolled over', async () => {
        const slot = FIRST + 60;
        const spans = [span(H1, slot, { consumption: [999_900n, 50n], generation: [999_999n, 9n] })];
        await community.recordReadings(H1, [one(-140n, { slot, spans })]);
    });

    it('joins the two meters of a replacement, and takes neither alone, nor the old one afterwards', async () => {
        const slot = FIRST + 61;
        const meter = { id: 'm2', key: testKey(`${H3} second meter`).publicKey, modulusWh: 1_000_000n };
        await community.submit('community:replaceMeter', { mspId: H3, slot, meter });
        const second = { meterId: 'm2', signer: testKey(`${H3} second meter`) };
        const [old, next] = [
            span(H3, slot, { consumption: [50n, 90n] }),
            span(H3, slot, { consumption: [0n, 7n] }, second),
        ];
        const refused = (given: ReadingRecord): Promise<string> => refusal([given], { by: H3, mspId: H3 });
        expect(await refused(reading(H3, slot, -40n, [old]))).toBe('METER_DISAGREES');
        expect(await refused(reading(H3, slot, -7n, [next]))).toBe('METER_DISAGREES');
        expect(await refused(reading(H3, slot + 1, 0n, [span(H3, slot + 1, { consumption: [90n, 90n] })]))).toBe(
            'METER_UNKNOWN',
        );
        const gap = span(H3, slot - 1, { consumption: [50n, 90n] }, { slots: 3 });
        expect(await refused(reading(H3, slot - 1, -14n, [gap], { kind: 'gap' }))).toBe('METER_UNKNOWN');
        await community.recordReadings(H3, [
            reading(H3, slot, -47n, [old, next], { kind: 'replaced' }),
            reading(H3, slot + 1, -3n, [span(H3, slot + 1, { consumption: [7n, 10n] }, second)]),
        ]);
        const markers = await community.query('metering:markers', { mspId: H3, day: DAY });
        expect(markers.map(({ kind }) => kind)).toEqual(['replaced', 'register']);
    });

    it('spreads a gap over its slots, each watt-hour once, and flags it', async () => {
        const first = FIRST + 62;
        const gap = span(H1, first, { consumption: [90n, 101n], generation: [0n, 1n] }, { slots: 3 });
        // 11 Wh over three slots are 4, 4, 3; the one that was generated belongs to the first.
        const given = [-3n, -4n, -3n].map((netWh, i) => one(netWh, { slot: first + i, spans: [gap], kind: 'gap' }));
        await community.recordReadings(H1, given);
        const wrong = [-4n, -4n, -2n].map((netWh, i) => one(netWh, { slot: first + i, spans: [gap], kind: 'gap' }));
        expect(await refusal(wrong)).toBe('READING_ENERGY_WRONG');
    });

    it('takes a correction as the next version, with its reason, and keeps whose word it is', async () => {
        const slot = FIRST + 70;
        await community.recordReadings(H1, [one(-10n, { slot })]);
        await community.recordReadings(H1, [one(-12n, { slot, version: 2, reason: 'a digit was misread' })]);
        const [marker] = (await community.query('metering:markers', { mspId: H1, day: DAY })).filter(
            (each) => each.slot === slot,
        );
        expect(marker).toMatchObject({ version: 2, reason: 'a digit was misread' });
        const own = await community.query('metering:ownReadings', { from: slot, to: slot }, { by: H1 });
        expect(own).toMatchObject([{ version: 2, netWh: -12n }]);
        expect(await community.query('metering:ownReadings', { from: slot, to: slot, mspId: H1 })).toEqual(own);
    });

    it('shows readings to household and grid operator only', async () => {
        const args = { from: FIRST, to: FIRST + 95, mspId: H1 };
        expect(await community.refusal('metering:ownReadings', args, { by: H2, endorsers: [H2] })).toBe('FORBIDDEN');
        expect(await community.refusal('metering:ownReadings', args, { by: H2, endorsers: [H1] })).toBe('FORBIDDEN');
        expect(await community.query('metering:ownReadings', { from: SLOT, to: SLOT }, { by: H2 })).toMatchObject([
            { mspId: H2 },
        ]);
    });
});

describe('estimateReadings', () => {
    const slot = FIRST + 80;
    const estimate = (netWh: bigint, change: Partial<ReadingRecord> = {}, signer = OPERATOR_KEY): ReadingRecord =>
        reading(H1, slot, netWh, [], { kind: 'estimated', reason: 'no reading came', ...change }, signer);
    const due = (slot + 97) * 900;
    const refused = (given: ReadingRecord, { by = DSO, time = due } = {}): Promise<string> =>
        community.refusal(
            'metering:estimateReadings',
            { mspId: H1, slots: askedOf([given]) },
            { by, endorsers: [DSO, H1, H2], transient: { readings: [given] }, time },
        );

    it.each<{ code: string; given: ReadingRecord; options?: Parameters<typeof refused>[1] }>([
        { code: 'FORBIDDEN', given: estimate(-1n), options: { by: H1, time: due - 1 } },
        { code: 'READING_IN_FUTURE', given: estimate(-1n), options: { time: slot * 900 } },
        { code: 'DEADLINE_OPEN', given: estimate(-1n, { reason: undefined }), options: { time: due - 1 } },
        { code: 'CORRECTION_WITHOUT_REASON', given: estimate(-1n, { reason: undefined, key: 'x' }) },
        { code: 'RECORD_WRONG', given: estimate(-1n, { key: 'x' }, ownerKey(H1)) },
        { code: 'READING_KIND_WRONG', given: estimate(-1n, { kind: 'register' }, ownerKey(H1)) },
        { code: 'SIGNATURE_INVALID', given: estimate(-9_999n, {}, ownerKey(H1)) },
        { code: 'READING_ABOVE_LIMIT', given: estimate(-9_999n, { version: 3 }) },
        { code: 'READING_VERSION_SKIPPED', given: estimate(-1n, { version: 2 }) },
    ])('refuses with $code and writes nothing', async ({ code, given, options }) => {
        expect(await refused(given, options)).toBe(code);
    });

    it('is written by grid operator and committee, and corrected by the household', async () => {
        const given = [estimate(-100n)];
        const args = { mspId: H1, slots: askedOf(given) };
        const options = { endorsers: [DSO, H1, H2], transient: { readings: given }, time: due };
        await community.submit('metering:estimateReadings', args, options);
        await community.recordReadings(H1, [one(-90n, { slot, version: 2, reason: 'the meter was found' })]);
    });
});
