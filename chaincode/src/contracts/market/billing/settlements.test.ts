import { beforeAll, describe, expect, it } from '@jest/globals';
import { settlementKey } from '../../../api/keys';
import type { DaySumsRecord, OrderRecord, ReadingRecord, SettlementRecord } from '../../../api/records';
import { markerOfSettlement } from '../../../api/settlements';
import { ownerStatement } from '../../../api/statements';
import { encodeBytes } from '../../../api/wire';
import { partiesPolicy } from '../../../ledger/market-policies';
import {
    DAY,
    DSO,
    FIRST,
    household,
    NOW,
    OPERATOR_KEY,
    order,
    ownerKey,
    reading,
    readings,
    TestCommunity,
} from '../../../testing/community';
import { testSalt, type TestKey } from '../../../testing/identities';
import { CLOSERS, signedBill, signedSettlement, sumsOf } from '../../../testing/market/closing';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const [SLOT, SLOTS] = [FIRST + 40, 96];
const PERIOD = { mspId: H1, from: DAY, to: DAY };
const salt = testSalt('settlement');
const DUE = (FIRST + SLOTS + 96) * 900;

let community: TestCommunity;
const metered = new Map<string, ReadingRecord[]>();
const own = order({ mspId: H1, slot: SLOT });
const sale = order({ mspId: H2, slot: SLOT, side: 'sell', limit: 90_000n });

interface Given {
    readonly readings?: readonly ReadingRecord[];
    readonly orders?: readonly OrderRecord[];
    readonly by?: string;
    readonly mspId?: string;
    readonly day?: string;
    readonly signature?: string;
    readonly markerSignature?: string;
    readonly time?: number;
}

const h1 = (): ReadingRecord[] => metered.get(H1) ?? [];

function refused({
    by = H1,
    mspId = H1,
    day = DAY,
    time = NOW,
    signature = own.signature,
    markerSignature = own.signature,
    ...given
}: Given): Promise<string> {
    const openings = { readings: given.readings ?? h1(), orders: given.orders ?? [own] };
    const transient = { ...openings, salt, signature, markerSignature };
    const options = { by, endorsers: [mspId, DSO], transient, time };
    return community.refusal('billing:settle', { day, mspId }, options);
}

async function settle(
    mspId: string,
    orders: readonly OrderRecord[],
    key: TestKey = ownerKey(mspId),
): Promise<SettlementRecord> {
    const inputs = { readings: metered.get(mspId) ?? [], orders, salt };
    const draft = await community.query(
        'billing:draftSettlement',
        { day: DAY, mspId },
        { by: mspId, transient: inputs },
    );
    const { record, signatures } = signedSettlement(draft, key);
    const options = { by: mspId, endorsers: [mspId, DSO], transient: { ...inputs, ...signatures } };
    await community.submit('billing:settle', { day: DAY, mspId }, options);
    return record;
}

async function meter(mspId: string, netWh: bigint): Promise<void> {
    const given = readings(mspId, FIRST, Array<bigint>(SLOTS).fill(netWh));
    await community.recordReadings(mspId, given);
    metered.set(mspId, given);
}

async function finish(slot: number, openings: readonly OrderRecord[] = []): Promise<void> {
    await community.closeRound(slot);
    await community.clearRound(slot, openings);
}

beforeAll(async () => {
    community = await TestCommunity.trading(3);
    for (const given of [own, sale]) {
        await community.commitTo(given);
    }
});

describe('before the day is over', () => {
    it('nothing is settled while a round runs, nor without readings', async () => {
        expect(await refused({})).toBe('TRANSIENT_MALFORMED'); // no reading at all
        metered.set(H1, readings(H1, FIRST, Array<bigint>(SLOTS).fill(-100n)));
        expect(await refused({})).toBe('ROUND_NOT_FINAL');
        for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
            await finish(slot, slot === SLOT ? [own, sale] : []);
        }
        expect(await refused({})).toBe('READINGS_MISSING');
        await meter(H1, -100n);
        await meter(H2, 50n);
        await meter(H3, -1n);
    }, 60_000);
});

describe('settle', () => {
    const changed = (): ReadingRecord[] => [reading(H1, FIRST, -1n, [], { kind: 'estimated' }), ...h1().slice(1)];

    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; given: () => Given }>([
        { code: 'MEMBER_UNKNOWN', given: () => ({ mspId: 'H9MSP', orders: [] }) },
        { code: 'FORBIDDEN', given: () => ({ by: H2, orders: [] }) },
        { code: 'FORBIDDEN', given: () => ({ by: DSO, orders: [] }) },
        { code: 'DAY_UNKNOWN', given: () => ({ day: '2014-10-04', orders: [] }) },
        { code: 'OPENING_UNKNOWN', given: () => ({ readings: [...h1(), ...h1().slice(0, 1)], orders: [] }) },
        { code: 'OPENING_MISSING', given: () => ({ readings: h1().slice(1), orders: [] }) },
        { code: 'OPENING_MISMATCH', given: () => ({ readings: changed(), orders: [] }) },
        { code: 'OPENING_MISMATCH', given: () => ({ readings: metered.get(H2) ?? [], orders: [] }) },
        { code: 'OPENING_UNKNOWN', given: () => ({ orders: [own, order({ mspId: H1, slot: SLOT, id: 'o2' })] }) },
        { code: 'OPENING_UNKNOWN', given: () => ({ orders: [sale] }) },
        { code: 'OPENING_MISSING', given: () => ({ orders: [] }) },
        { code: 'OPENING_MISMATCH', given: () => ({ orders: [order({ mspId: H1, slot: SLOT, energyWh: 1n })] }) },
        { code: 'SIGNATURE_INVALID', given: () => ({}) },
    ])('refuses with $code and writes nothing', async ({ code, given }) => {
        expect(await refused(given())).toBe(code);
    });

    it('needs household and grid operator', async () => {
        const inputs = { readings: h1(), orders: [own], salt };
        const draft = await community.query(
            'billing:draftSettlement',
            { day: DAY, mspId: H1 },
            { by: H1, transient: inputs },
        );
        const { signatures } = signedSettlement(draft, ownerKey(H1));
        // The record is signed, its marker is not: nobody would believe it when the day is closed.
        expect(await refused({ signature: signatures.signature })).toBe('SIGNATURE_INVALID');
        const options = { by: H1, endorsers: [H1, DSO], transient: { ...inputs, ...signatures } };
        const simulated = await community.endorse('billing:settle', { day: DAY, mspId: H1 }, options);
        expect(community.network.commit(simulated, [H2, DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [H1, H2])).toBe('ENDORSEMENT_POLICY_FAILURE');
    });
});

describe('a household that stays silent', () => {
    const inputs = () => ({ readings: metered.get(H3) ?? [], orders: [], salt });
    const args = { day: DAY, mspId: H3 };

    it('is settled by grid operator and committee after the deadline, and flagged', async () => {
        const early = {
            by: DSO,
            endorsers: [DSO, H1, H2],
            transient: { ...inputs(), signature: own.signature, markerSignature: own.signature },
            time: DUE - 1,
        };
        expect(await community.refusal('billing:settleProvisionally', args, early)).toBe('DEADLINE_OPEN');
        expect(await community.refusal('billing:settleProvisionally', args, { ...early, by: H1 })).toBe('FORBIDDEN');
        const draft = await community.query('billing:draftSettlement', args, { by: DSO, transient: inputs() });
        const { signatures } = signedSettlement(draft, OPERATOR_KEY);
        const options = { by: DSO, endorsers: [DSO, H1, H2], transient: { ...inputs(), ...signatures } };
        await community.submit('billing:settleProvisionally', args, options);
        expect(await community.refusal('billing:settleProvisionally', args, options)).toBe('SETTLEMENT_EXISTS');
        expect(await community.query('billing:settlementMarkers', { day: DAY })).toMatchObject([
            { mspId: H3, provisional: true },
        ]);
    });

    it('may still settle itself until the day is closed, once', async () => {
        expect(await settle(H3, [])).toMatchObject({ version: 2, signedBy: 'owner', provisional: false });
        const { signature } = own;
        const transient = { ...inputs(), signature, markerSignature: signature };
        const options = { by: H3, endorsers: [H3, DSO], transient };
        expect(await community.refusal('billing:settle', args, options)).toBe('SETTLEMENT_EXISTS');
    });
});

describe('closeDay', () => {
    let settlements: SettlementRecord[];
    let right: DaySumsRecord;
    const closing = (sums: DaySumsRecord, { by = DSO, day = DAY } = {}): Promise<string> =>
        community.refusal('billing:closeDay', { day, sums }, { by, endorsers: CLOSERS });
    const opening = (): NonNullable<DaySumsRecord['opening']> => right.opening ?? { slots: [], blinding: '' };
    /** Without what some households are due in one place and have too much in another. */
    const slotWith = (change: Partial<{ meteredWh: bigint; shortWh: bigint }>): DaySumsRecord => {
        const [first = { meteredWh: 0n, shortWh: 0n }, ...rest] = opening().slots;
        return { ...right, opening: { ...opening(), slots: [{ ...first, ...change }, ...rest] } };
    };

    it('waits for everybody', async () => {
        const third = await community.query('billing:ownSettlement', { day: DAY }, { by: H3 });
        const early = sumsOf([third, third, third]);
        expect(await closing(early, { by: H1, day: '2014-10-04' })).toBe('FORBIDDEN');
        expect(await closing(early, { day: '2014-10-04' })).toBe('DAY_UNKNOWN');
        expect(await closing(early)).toBe('SETTLEMENT_MISSING');
        settlements = [await settle(H1, [own]), await settle(H2, [sale]), third];
        right = sumsOf(settlements);
    });

    it.each<{ what: string; code: string; given: () => DaySumsRecord }>([
        {
            what: 'no opening, though there are enough households',
            code: 'OPENING_MISSING',
            given: () => ({ ...right, opening: undefined }),
        },
        {
            what: 'a statement in the place of the opening',
            code: 'OPENING_MISSING',
            given: () => ({
                ...right,
                opening: undefined,
                stated: { importedWh: 1n, exportedWh: 0n, supplierNanos: 0n },
            }),
        },
        {
            what: 'another blinding',
            code: 'COMMITMENT_MISMATCH',
            given: () => ({ ...right, opening: { ...opening(), blinding: 'a'.repeat(64) } }),
        },
        {
            what: 'more energy than was metered',
            code: 'COMMITMENT_MISMATCH',
            given: () => slotWith({ meteredWh: 0n }),
        },
        { what: 'less that was short', code: 'COMMITMENT_MISMATCH', given: () => slotWith({ shortWh: 0n }) },
        {
            what: 'other fees, and the households pay them',
            code: 'COMMITMENT_MISMATCH',
            given: () => ({
                ...right,
                postings: right.postings.map(({ account, amountNanos }) => {
                    const more = account === 'grid' ? 1n : account === 'households' ? -1n : 0n;
                    return { account, amountNanos: amountNanos + more };
                }),
            }),
        },
        {
            what: 'a household left out',
            code: 'COMMITMENT_MISMATCH',
            given: () => sumsOf(settlements.slice(1).concat(settlements.slice(1, 2))),
        },
        {
            what: 'a household counted twice',
            code: 'COMMITMENT_MISMATCH',
            given: () => sumsOf([...settlements, ...settlements.slice(0, 1)]),
        },
        {
            what: 'accounts in another order',
            code: 'TOTALS_WRONG',
            given: () => ({ ...right, postings: right.postings.toReversed() }),
        },
    ])('refuses with $code and writes nothing: $what', async ({ code, given }) => {
        expect(await closing(given())).toBe(code);
    });

    it('is not fooled by a settlement that operator and another household made in a third name', async () => {
        const fooled = await TestCommunity.governed(3);
        await fooled.submit('auction:openDay', { day: DAY, replay: true }, { endorsers: [DSO, H1, H2] });
        for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
            await fooled.submit('auction:voidRound', { slot, reason: 'a test' }, { endorsers: [DSO, H1, H2] });
        }
        const charter = await fooled.query('charter:document', {});
        for (const each of settlements) {
            const { type, parts } = settlementKey(DAY, each.mspId);
            const place = placeOf('market', compositeKey(type, parts));
            const unsigned = markerOfSettlement(each);
            const marker = { ...unsigned, signature: ownerKey(H2).sign(ownerStatement(unsigned)) };
            const policies = new Map([[place, partiesPolicy(charter, each.mspId, FIRST)]]);
            fooled.network.forge({ writes: new Map([[place, encodeBytes(marker)]]), policies }, [DSO, H2]);
        }
        const options = { endorsers: CLOSERS };
        expect(await fooled.refusal('billing:closeDay', { day: DAY, sums: right }, options)).toBe('SIGNATURE_INVALID');
    });

    it('is not billed before it is closed', async () => {
        const options = {
            by: H1,
            endorsers: [H1, DSO],
            transient: {
                settlements: settlements.slice(0, 1),
                salt,
                signature: own.signature,
                markerSignature: own.signature,
            },
        };
        expect(await community.refusal('billing:issueBill', PERIOD, options)).toBe('DAY_NOT_CLOSED');
    });

    it('needs the committee, and is done once', async () => {
        const args = { day: DAY, sums: right };
        const simulated = await community.endorse('billing:closeDay', args, { endorsers: CLOSERS });
        expect(community.network.commit(simulated, [DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [DSO, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, CLOSERS)).toBe('VALID');
        expect(await closing(right)).toBe('DAY_CLOSED');
        expect((await community.query('billing:totals', { day: DAY })).sums).toMatchObject({
            households: 3,
            tradedWh: 500n,
        });
    });
});

describe('issueBill', () => {
    it.each<{
        code: string;
        by?: string;
        args?: Partial<typeof PERIOD>;
        settlements?: (first: SettlementRecord) => SettlementRecord[];
    }>([
        { code: 'MEMBER_UNKNOWN', args: { mspId: 'H9MSP' } },
        { code: 'FORBIDDEN', by: H2, args: { from: '2014-10-04' } },
        { code: 'MALFORMED', args: { from: '2014-10-04' } },
        { code: 'MALFORMED', args: { from: '2014-02-30' } },
        { code: 'DAY_UNKNOWN', args: { to: '2014-10-04' } },
        { code: 'OPENING_UNKNOWN', settlements: (first) => [first, { ...first, key: 'other' }] },
        { code: 'OPENING_MISSING', settlements: () => [] },
        { code: 'OPENING_MISMATCH', settlements: (first) => [{ ...first, salt: testSalt('another') }] },
        { code: 'SIGNATURE_INVALID' },
    ])(
        'refuses with $code and writes nothing',
        async ({ code, by = H1, args = {}, settlements = (first) => [first] }) => {
            const first = await community.query('billing:ownSettlement', { day: DAY }, { by: H1 });
            const { signature } = own;
            const transient = { settlements: settlements(first), salt, signature, markerSignature: signature };
            const options = { by, endorsers: [H1, DSO], transient };
            expect(await community.refusal('billing:issueBill', { ...PERIOD, ...args }, options)).toBe(code);
        },
    );

    it('is issued once, and read by its parties only', async () => {
        const first = await community.query('billing:ownSettlement', { day: DAY }, { by: H1 });
        const inputs = { settlements: [first], salt };
        const draft = await community.query('billing:draftBill', PERIOD, { by: H1, transient: inputs });
        const { signatures } = signedBill(draft, ownerKey(H1));
        const unsigned = { ...inputs, ...signatures, markerSignature: signatures.signature };
        const options = { by: H1, endorsers: [H1, DSO], transient: { ...inputs, ...signatures } };
        expect(await community.refusal('billing:issueBill', PERIOD, { ...options, transient: unsigned })).toBe(
            'SIGNATURE_INVALID',
        );
        await community.submit('billing:issueBill', PERIOD, options);
        expect(await community.refusal('billing:issueBill', PERIOD, options)).toBe('BILL_EXISTS');
        // Neither the same day twice, nor within another period.
        for (const other of [{ to: '2014-10-04' }, { from: '2014-10-02' }, { from: '2014-10-02', to: '2014-10-04' }]) {
            const overlapping = { ...PERIOD, ...other };
            expect(await community.refusal('billing:issueBill', overlapping, options)).toBe('BILL_EXISTS');
        }
        const next = { ...PERIOD, from: '2014-10-04', to: '2014-10-04' };
        expect(await community.refusal('billing:issueBill', next, options)).toBe('DAY_UNKNOWN');
        const byOther = { by: H2, endorsers: [H2] };
        expect(await community.refusal('billing:ownBill', PERIOD, byOther)).toBe('FORBIDDEN');
        expect(await community.refusal('billing:ownSettlement', { day: DAY, mspId: H1 }, byOther)).toBe('FORBIDDEN');
        expect(await community.refusal('billing:ownBill', { from: DAY, to: DAY }, byOther)).toBe('NOT_FOUND');
    });
});
