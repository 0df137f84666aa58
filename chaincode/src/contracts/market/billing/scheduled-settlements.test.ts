import { beforeAll, describe, expect, it } from '@jest/globals';
import { poolKey } from '../../../api/keys';
import type {
    DaySumsRecord,
    OrderRecord,
    ReadingRecord,
    SettlementRecord,
    SubmissionRecord,
} from '../../../api/records';
import { roundPolicy } from '../../../ledger/market-policies';
import {
    askedOf,
    DAY,
    DSO,
    FIRST,
    household,
    order,
    ownerKey,
    reading,
    SEATS,
    span,
    type TestCommunity,
} from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { closeDay, CLOSERS, signedBill, sumsOf } from '../../../testing/market/closing';
import {
    DAY_AHEAD,
    everySlot,
    openSchedule,
    scheduledCommunity,
    SCHEDULE_TERMS,
    submission,
} from '../../../testing/market/schedule';
import { forgedRecords } from '../../../testing/market/storage';
import {
    agreeOn,
    AT_ONCE,
    everySide,
    meterAll,
    settleScheduled,
    statePool,
    type ScheduledInputs,
} from '../../../testing/market/scheduled-settling';
import { quietDay } from '../../../testing/market/traded-day';

const [LOAD1, LOAD2, GEN] = [household(1), household(2), household(3)];
/** STL-1 in each of the day's slots: what was agreed to, and what meters saw. */
const AGREED = { [LOAD1]: 4000n, [LOAD2]: 4000n, [GEN]: -6250n };
const METERED = { [LOAD1]: -4000n, [LOAD2]: -4300n, [GEN]: 6000n };
const HOUSEHOLDS = [LOAD1, LOAD2, GEN];
const WIDE = { importLimitW: 100_000n, exportLimitW: 100_000n };
const SLOTS = 96n;

let community: TestCommunity;
const metered = new Map<string, ReadingRecord[]>();
const agreed = new Map<string, SubmissionRecord>();

const inputsOf = (mspId: string): ScheduledInputs => ({
    readings: metered.get(mspId) ?? [],
    scheduled: agreed.get(mspId) ?? null,
});
const own = order({ mspId: LOAD1, slot: FIRST });

interface Given {
    readonly orders?: readonly OrderRecord[];
    readonly scheduled?: SubmissionRecord | null;
    readonly readings?: readonly ReadingRecord[];
}

function refused(given: Given = {}): Promise<string> {
    const transient = {
        ...inputsOf(LOAD1),
        orders: [],
        salt: testSalt('s'),
        ...given,
        signature: own.signature,
        markerSignature: own.signature,
    };
    const options = { by: LOAD1, endorsers: [LOAD1, DSO], transient };
    return community.refusal('billing:settle', { day: DAY, mspId: LOAD1 }, options);
}

const stating = (args: { day?: string; sides?: ('short' | 'long')[] }, by = DSO): Promise<string> =>
    community.refusal(
        'billing:statePool',
        { day: DAY, sides: everySide('short'), ...args },
        { by, endorsers: [DSO, ...SEATS] },
    );

beforeAll(async () => {
    community = await scheduledCommunity(3, AT_ONCE, WIDE);
});

describe('before it is agreed', () => {
    it('nothing is settled and nothing stated', async () => {
        metered.set(LOAD1, await meterAll(community, LOAD1, METERED[LOAD1] ?? 0n));
        expect(await refused()).toBe('SCHEDULE_OPEN');
        expect(await stating({ day: '2014-10-04', sides: ['long'] }, LOAD1)).toBe('FORBIDDEN');
        expect(await stating({ day: '2014-10-04', sides: ['long'] })).toBe('DAY_UNKNOWN');
        expect(await stating({ sides: ['long'] })).toBe('SCHEDULE_OPEN');
        for (const answer of await agreeOn(community, AGREED)) {
            agreed.set(answer.mspId, answer);
        }
        for (const mspId of [LOAD2, GEN]) {
            metered.set(mspId, await meterAll(community, mspId, METERED[mspId] ?? 0n));
        }
    }, 60_000);
});

describe('how the community stood to its schedule', () => {
    it('is stated before anybody is settled, for every slot', async () => {
        expect(await refused({ scheduled: null })).toBe('POOL_UNSTATED');
        expect(await stating({ sides: ['long'] })).toBe('MALFORMED');
        expect(await community.refusal('billing:pool', { day: DAY }, {})).toBe('NOT_FOUND');
        // Wrong, as it will turn out: the community is short.
        await statePool(community, everySide('long'));
        expect(await stating({ sides: everySide('long') })).toBe('POOL_UNCHANGED');
        expect(await community.query('billing:pool', { day: DAY })).toMatchObject({ version: 1 });
    });

    it('needs the committee to be stated again', async () => {
        const args = { day: DAY, sides: everySide('short') };
        const simulated = await community.endorse('billing:statePool', args, { endorsers: [DSO, ...SEATS] });
        expect(community.network.commit(simulated, [DSO, GEN])).toBe('ENDORSEMENT_POLICY_FAILURE');
    });
});

describe('settle', () => {
    const forged = (): SubmissionRecord => ({ ...submission(LOAD1, 1, everySlot(3999n)) });

    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; what: string; given: () => Given }>([
        { code: 'OPENING_UNKNOWN', what: 'an order', given: () => ({ orders: [own], scheduled: null }) },
        { code: 'OPENING_MISSING', what: 'no schedule', given: () => ({ scheduled: null }) },
        { code: 'OPENING_MISMATCH', what: 'other energy', given: () => ({ scheduled: forged() }) },
        {
            code: 'OPENING_MISMATCH',
            what: "another's",
            given: () => ({ scheduled: agreed.get(LOAD2) ?? null }),
        },
        {
            code: 'OPENING_MISMATCH',
            what: 'what was said in another iteration',
            given: () => ({ scheduled: submission(LOAD1, 2, everySlot(4000n)) }),
        },
        { code: 'SIGNATURE_INVALID', what: 'no signature of the settlement', given: () => ({}) },
    ])('refuses $what with $code and writes nothing', async ({ code, given }) => {
        expect(await refused(given())).toBe(code);
    });

    it('says what was scheduled and what differs, and at which prices', async () => {
        const record = await settleScheduled(community, LOAD2, inputsOf(LOAD2));
        expect(record).toMatchObject({ pool: 1, provisional: false });
        expect(record.slots[0]).toEqual({
            slot: FIRST,
            readingVersion: 1,
            readingKind: 'register',
            meteredWh: -4300n,
            boughtWh: 4000n,
            soldWh: 0n,
            paidNanos: 1_200_000_000n,
            earnedNanos: 0n,
            imbalance: 50_000n,
        });
        const transient = {
            ...inputsOf(LOAD2),
            orders: [],
            salt: testSalt('s'),
            signature: own.signature,
            markerSignature: own.signature,
        };
        const again = { by: LOAD2, endorsers: [LOAD2, DSO], transient };
        expect(await community.refusal('billing:settle', { day: DAY, mspId: LOAD2 }, again)).toBe('SETTLEMENT_EXISTS');
    });
});

describe('closing a scheduled day', () => {
    let settlements: SettlementRecord[] = [];
    const closing = (sums: DaySumsRecord): Promise<string> =>
        community.refusal('billing:closeDay', { day: DAY, sums }, { by: DSO, endorsers: CLOSERS });
    const options = { terms: SCHEDULE_TERMS };

    it('proves that how the community stood to it was stated wrong', async () => {
        settlements = [];
        const open = await community.query('billing:settlementMarkers', { day: DAY });
        expect(open.map(({ mspId, pool }) => [mspId, pool])).toEqual([[LOAD2, 1]]);
        const second = await community.query('billing:ownSettlement', { day: DAY }, { by: LOAD2 });
        const first = await settleScheduled(community, LOAD1, inputsOf(LOAD1));
        const third = await settleScheduled(community, GEN, inputsOf(GEN));
        expect(await closing(sumsOf([first, second, third], options))).toBe('TOTALS_WRONG');
    });

    it('is not done with settlements under the wrong statement', async () => {
        await statePool(community, everySide('short'));
        const records = await Promise.all(
            HOUSEHOLDS.map((by) => community.query('billing:ownSettlement', { day: DAY }, { by })),
        );
        expect(await closing(sumsOf(records, options))).toBe('SETTLEMENT_OUTDATED');
    });

    it('the grid operator settles who is silent again, out of its own copy of what was agreed', async () => {
        const { submissions } = await community.query('schedule:openings', { day: DAY }, { by: DSO });
        const scheduled = submissions.find(({ mspId }) => mspId === LOAD2) ?? null;
        const record = await settleScheduled(community, LOAD2, { ...inputsOf(LOAD2), scheduled }, DSO);
        expect(record).toMatchObject({ version: 2, pool: 2, provisional: true, signedBy: 'operator' });
        expect(record.slots[0]?.imbalance).toBe(350_000n);
        settlements.push(record);
        for (const mspId of [LOAD1, GEN]) {
            settlements.push(await settleScheduled(community, mspId, inputsOf(mspId)));
        }
    });

    it('opens to what the schedule gives to the grid, and to nothing else', async () => {
        const right = sumsOf(settlements, options);
        const slots = right.opening?.slots ?? [];
        const [one = { meteredWh: 0n, shortWh: 0n }, ...rest] = slots;
        const opening = {
            blinding: right.opening?.blinding ?? '',
            slots: [{ ...one, meteredWh: one.meteredWh + 1n }, ...rest],
        };
        expect(await closing({ ...right, opening })).toBe('COMMITMENT_MISMATCH');
        expect(await closing({ ...right, postings: right.postings.toReversed() })).toBe('TOTALS_WRONG');
        expect(await closing(sumsOf(settlements.slice(1), options))).toBe('OPENING_MISSING');
    });

    it('comes to STL-1 with the grid paid its tariff, in each slot of the day', async () => {
        await closeDay(community, settlements, options);
        const { sums } = await community.query('billing:totals', { day: DAY });
        expect(sums?.postings).toEqual([
            { account: 'community', amountNanos: 27_500_000n * SLOTS },
            { account: 'households', amountNanos: -717_500_000n * SLOTS },
            { account: 'supplier', amountNanos: 690_000_000n * SLOTS },
        ]);
        expect(sums).toMatchObject({ tradedWh: 6250n * SLOTS, importedWh: 2300n * SLOTS, provisional: true });
        expect(await stating({ sides: everySide('long') })).toBe('DAY_CLOSED');
    });
});

describe('after the day is closed', () => {
    it('a corrected reading moves what differs, at the price that was stated', async () => {
        const consumption =
            [METERED[LOAD2] ?? 0n].map((net) => [1_000n, 1_000n - net + 100n] as const)[0] ?? ([0n, 0n] as const);
        const changed = reading(
            LOAD2,
            FIRST,
            -4400n,
            [span(LOAD2, FIRST, { consumption, generation: [1_000n, 1_000n] })],
            {
                version: 2,
                reason: 'a test',
            },
        );
        await community.submit(
            'metering:recordReadings',
            { mspId: LOAD2, slots: askedOf([changed]) },
            { by: LOAD2, endorsers: [LOAD2, DSO], transient: { readings: [changed] } },
        );
        const settlement = await community.query('billing:ownSettlement', { day: DAY, mspId: LOAD2 }, { by: DSO });
        const inputs = { settlement, corrections: [], readings: [changed], salt: testSalt('correction') };
        const draft = await community.query(
            'corrections:draft',
            { day: DAY, mspId: LOAD2 },
            { by: LOAD2, transient: inputs },
        );
        expect(draft.postings).toEqual([
            { account: 'deviation', amountNanos: 100n * 350_000n },
            { account: `household:${LOAD2}`, amountNanos: -100n * 350_000n },
        ]);
    });

    it('a bill may span days that were scheduled and days that were not', async () => {
        await community.submit('dayAhead:schedule', { ...DAY_AHEAD, fromDay: '2014-10-04', mode: 'auction' });
        const [, next] = await quietDay(community, '2014-10-04', FIRST + 96);
        const first = await community.query('billing:ownSettlement', { day: DAY, mspId: GEN }, { by: DSO });
        const second = await community.query('billing:ownSettlement', { day: '2014-10-04' }, { by: GEN });
        expect(next?.slots[0]).not.toHaveProperty('imbalance');
        const period = { mspId: GEN, from: DAY, to: '2014-10-04' };
        const inputs = { settlements: [first, second], salt: testSalt('bill') };
        const draft = await community.query('billing:draftBill', period, { by: GEN, transient: inputs });
        expect(
            draft.lines.map(({ item, energyWh, price, amountNanos }) => [item, energyWh, price, amountNanos]),
        ).toEqual([
            ['scheduledSale', 6250n * SLOTS, 300_000n, 1_875_000_000n * SLOTS],
            ['retail', 7n * SLOTS, 300_000n, -2_100_000n * SLOTS],
            ['imbalanceShort', 250n * SLOTS, 350_000n, -87_500_000n * SLOTS],
        ]);
        const { signatures } = signedBill(draft, ownerKey(GEN));
        const transient = { ...inputs, ...signatures };
        await community.submit('billing:issueBill', period, { by: GEN, endorsers: [GEN, DSO], transient });
    }, 60_000);
});

describe('a statement that others made first', () => {
    it('settles nobody at prices of its own, and is made again', async () => {
        const other = await scheduledCommunity(3, AT_ONCE, WIDE);
        const [answer = null] = (await agreeOn(other, AGREED)).filter(({ mspId }) => mspId === LOAD1);
        const given = { readings: await meterAll(other, LOAD1, -4000n), scheduled: answer };
        const { shortPrice, longPrice } = DAY_AHEAD;
        const record = { day: DAY, version: 1, sides: everySide('short'), shortPrice: shortPrice + 1n, longPrice };
        const policy = roundPolicy(await other.query('charter:document', {}), DAY, FIRST);
        expect(forgedRecords(other, [{ key: poolKey(DAY), record, policy }])).toBe('VALID');
        await expect(settleScheduled(other, LOAD1, given)).rejects.toThrow('KEY_POLICY_WRONG');
        await statePool(other, everySide('short'));
        expect(await settleScheduled(other, LOAD1, given)).toMatchObject({ version: 1, pool: 2 });
    }, 60_000);
});

describe('a day that nobody could agree on', () => {
    it('is settled by its rounds, as any other', async () => {
        const fallen = await scheduledCommunity(3, { iterations: 1, runSeconds: 60 }, WIDE);
        await openSchedule(fallen);
        const run = await fallen.query('schedule:get', { day: DAY });
        const time = run.run?.deadline ?? 0;
        await fallen.submit('schedule:abandon', { day: DAY }, { by: LOAD1, endorsers: SEATS, time });
        for (let slot = FIRST; slot < FIRST + 96; slot += 1) {
            await fallen.submit('auction:voidRound', { slot, reason: 'a test' }, { endorsers: [DSO, ...SEATS] });
        }
        const given = await meterAll(fallen, LOAD1, -5n);
        const signature = own.signature;
        const asked = { day: DAY, mspId: LOAD1 };
        const transient = { readings: given, orders: [], salt: testSalt('s'), signature, markerSignature: signature };
        const scheduled = submission(LOAD1, 1, everySlot(1n));
        const options = { by: LOAD1, endorsers: [LOAD1, DSO], transient: { ...transient, scheduled } };
        expect(await fallen.refusal('billing:settle', asked, options)).toBe('OPENING_UNKNOWN');
        const sides = everySide('long');
        const state = { by: DSO, endorsers: [DSO, ...SEATS] };
        expect(await fallen.refusal('billing:statePool', { day: DAY, sides }, state)).toBe('SCHEDULE_MISSING');
        const record = await settleScheduled(fallen, LOAD1, { readings: given, scheduled: null });
        expect(record).not.toHaveProperty('pool');
        expect(record.postings).toContainEqual({ account: `household:${LOAD1}`, amountNanos: -5n * 300_000n * SLOTS });
    }, 60_000);
});
