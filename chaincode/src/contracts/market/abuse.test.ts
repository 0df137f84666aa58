import { beforeAll, describe, expect, it } from '@jest/globals';
import { orderKey, readingKey, roundKey, settlementKey, totalsKey, type LedgerKey } from '../../api/keys';
import { outcomeOf } from '../../api/outcomes';
import type { OrderRecord, ReadingRecord, SettlementRecord } from '../../api/records';
import { encodeBytes } from '../../api/wire';
import { partiesPolicy, roundPolicy } from '../../ledger/market-policies';
import {
    application,
    asked,
    askedOf,
    commitment,
    COMMITTEE,
    DAY,
    DSO,
    FIRST,
    FOUNDING,
    household,
    NOW,
    OPERATOR_KEY,
    order,
    ownerKey,
    reading,
    readings,
    TERMS,
    TestCommunity,
} from '../../testing/community';
import { testSalt } from '../../testing/identities';
import { closeDay, signedSettlement } from '../../testing/market/closing';
import { compositeKey } from '../../testing/memory-network';
import { placeOf } from '../../testing/memory-stub';
import { MOST_ORDERS_OF_MEMBER } from './auction/order-rules';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const SLOTS = 96;
const SLOT = FIRST + 40;

/** A live day, three days after the moment at which it is opened. */
const LIVE_DAY = '2015-01-04';
const LIVE_FIRST = (NOW + 3 * 86_400 - 3_600) / 900;

/** Written by modified chaincode of the grid operator and a household that is in no committee. */
function forge(community: TestCommunity, { type, parts }: LedgerKey, value: unknown, policy?: Uint8Array): void {
    const place = placeOf('market', compositeKey(type, parts));
    const bytes = value instanceof Uint8Array ? value : encodeBytes(value);
    const policies = new Map(policy === undefined ? [] : [[place, policy]]);
    expect(community.network.forge({ writes: new Map([[place, bytes]]), policies }, [DSO, H3])).toBe('VALID');
}

const beneath = <T extends LedgerKey>(key: T, ...more: string[]): T => ({ ...key, parts: [...key.parts, ...more] });
const garbage = Buffer.from('no record');

async function live({ replayAllowed = true } = {}): Promise<TestCommunity> {
    const community = await TestCommunity.governed(3, {
        replayAllowed,
        fromDay: '2015-01-02',
        fromSlot: LIVE_FIRST - 2 * 96,
    });
    await community.submit('auction:openDay', { day: LIVE_DAY, replay: false }, { endorsers: [DSO, H1, H2] });
    return community;
}

describe('keys that grid operator and one household make beside those of others', () => {
    let community: TestCommunity;
    let orders: OrderRecord[];
    const metered = new Map<string, ReadingRecord[]>();

    beforeAll(async () => {
        community = await TestCommunity.trading(3);
    });

    it('spoil no order and stop no round', async () => {
        const charter = await community.query('charter:document', {});
        await community.submitOrder({ mspId: H1, slot: SLOT, side: 'buy', limit: 150_000n });
        await community.submitOrder({ mspId: H2, slot: SLOT, side: 'sell', limit: 150_000n });
        orders = [...community.orders(SLOT)];
        const inH1sName = { hash: '0'.repeat(64), version: 1, mspId: H1, slot: SLOT, id: 'o1' };
        forge(community, beneath(orderKey(SLOT, H1, 'o1'), 'again'), inH1sName);
        forge(community, orderKey(SLOT, 'no MSP', 'no id'), inH1sName);
        forge(community, orderKey(SLOT, `${H1}/o1`, 'o1'), inH1sName);
        forge(community, orderKey(SLOT, H2, 'o9'), garbage, partiesPolicy(charter, H2, SLOT));
        await community.closeRound(SLOT);
        await community.clearRound(SLOT, orders);
        const round = await community.query('auction:round', { slot: SLOT });
        expect(round.closed?.map((each) => each.order)).toEqual([`${H1}/o1`, `${H2}/o1`]);
        expect(round.dropped).toEqual([{ order: `${H2}/o9`, reason: 'FORGED' }]);
        expect(orders.map((each) => outcomeOf(round, each)?.reason)).toEqual(['FILLED', 'FILLED']);
    });

    it('neither hide readings nor keep them out', async () => {
        const charter = await community.query('charter:document', {});
        const marker = {
            hash: '0'.repeat(64),
            version: 9,
            mspId: H1,
            slot: SLOT,
            kind: 'estimated',
            reason: 'forged',
            charterVersion: charter.version,
        };
        const policy = partiesPolicy(charter, H1, SLOT);
        forge(community, { type: 'reading', parts: [H1, DAY, 'zzz'] }, marker, policy);
        forge(community, beneath(readingKey(H1, DAY, SLOT), 'again'), garbage, policy);
        forge(community, readingKey(H1, DAY, 1), { ...marker, slot: 1 });
        for (const mspId of community.households) {
            const given = readings(mspId, FIRST, Array<bigint>(SLOTS).fill(-100n));
            await community.recordReadings(mspId, given);
            metered.set(mspId, given);
        }
    });

    it('keep no day from being settled and closed', async () => {
        for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
            if (slot !== SLOT) {
                await community.submit('auction:voidRound', { slot, reason: 'a test' }, { endorsers: [DSO, H1, H2] });
            }
        }
        const charter = await community.query('charter:document', {});
        forge(community, { type: 'round', parts: [DAY, 'zzz'] }, garbage, roundPolicy(charter, DAY, SLOT));
        const inH1sName = { hash: '0'.repeat(64), version: 1, mspId: H1, day: DAY, provisional: false };
        // The totals are the committee's: the grid operator alone cannot say what a day came to.
        const { type, parts } = totalsKey(DAY);
        const ownWord = encodeBytes({ day: DAY, charterVersion: 1, status: 'open' });
        const writes = new Map([[placeOf('market', compositeKey(type, parts)), ownWord]]);
        expect(community.network.forge({ writes }, [DSO])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.forge({ writes }, [DSO, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
        forge(community, settlementKey(DAY, 'H9MSP'), { ...inH1sName, mspId: 'H9MSP' });
        forge(community, beneath(settlementKey(DAY, H1), 'again'), inH1sName);
        const settlements: SettlementRecord[] = [];
        for (const mspId of community.households) {
            const own = orders.filter((each) => each.mspId === mspId);
            const inputs = { readings: metered.get(mspId) ?? [], orders: own, salt: testSalt(mspId) };
            const args = { day: DAY, mspId };
            const draft = await community.query('billing:draftSettlement', args, { by: mspId, transient: inputs });
            const { record, signatures } = signedSettlement(draft, ownerKey(mspId));
            const transient = { ...inputs, ...signatures };
            await community.submit('billing:settle', args, { by: mspId, endorsers: [mspId, DSO], transient });
            settlements.push(record);
        }
        await closeDay(community, settlements);
        expect((await community.query('billing:totals', { day: DAY })).sums).toMatchObject({
            households: 3,
            tradedWh: 500n,
        });
    });

    it('open no gate that has closed, where replays are not allowed', async () => {
        const strict = await TestCommunity.governed(3, {
            replayAllowed: false,
            fromDay: '2015-01-02',
            fromSlot: LIVE_FIRST - 2 * 96,
        });
        const charter = await strict.query('charter:document', {});
        const round = {
            day: LIVE_DAY,
            slot: LIVE_FIRST,
            status: 'open',
            replay: true,
            charterVersion: 1,
            mechanism: 'uniform-price/v1',
        };
        const policy = roundPolicy(charter, LIVE_DAY, LIVE_FIRST);
        forge(strict, roundKey(LIVE_DAY, LIVE_FIRST), round, policy);
        const late = { orders: [commitment(order({ mspId: H3, slot: LIVE_FIRST }))] };
        const options = { by: H3, endorsers: [H3, DSO], time: LIVE_FIRST * 900 };
        expect(await strict.refusal('auction:submitOrders', late, options)).toBe('GATE_CLOSED');
    });
});

describe('a seat in the committee alone', () => {
    const slot = FIRST + 50;
    let community: TestCommunity;

    beforeAll(async () => {
        community = await TestCommunity.trading(3);
        await community.submitOrder({ mspId: H2, slot });
        await community.closeRound(slot);
    });

    it('cannot decide whose orders count: it clears with all that were revealed', async () => {
        await community.revealOrders(community.orders(slot));
        const byH1 = (openings: readonly OrderRecord[]) => ({
            by: H1,
            endorsers: [DSO, H1, H2],
            transient: { openings },
        });
        const changed = order({ mspId: H2, slot, energyWh: 1n });
        expect(await community.refusal('auction:clearRound', { slot }, byH1([]))).toBe('OPENING_MISSING');
        expect(await community.refusal('auction:clearRound', { slot }, byH1([changed]))).toBe('OPENING_MISMATCH');
        await community.submit(
            'auction:clearRound',
            { slot },
            byH1(await community.query('auction:openings', { from: slot, to: slot }, { by: H1 })),
        );
    });

    it('cannot void a round that may still be cleared', async () => {
        const other = await live();
        const deadline = (LIVE_FIRST + 1 + FOUNDING.rules.voidDeadlineSlots) * 900;
        const args = { slot: LIVE_FIRST, reason: 'a test' };
        for (const by of [H1, DSO]) {
            const early = { by, endorsers: [DSO, H1, H2], time: deadline - 1 };
            expect(await other.refusal('auction:voidRound', args, early)).toBe('DEADLINE_OPEN');
        }
        await other.submit('auction:voidRound', args, { by: H1, endorsers: [DSO, H1, H2], time: deadline });
    });
});

describe('one household', () => {
    it('cannot make a round too large: its orders in it are counted, in one block too', async () => {
        const community = await TestCommunity.trading(3);
        for (let i = 1; i < MOST_ORDERS_OF_MEMBER; i += 1) {
            await community.submitOrder({ mspId: H1, slot: SLOT, id: `o${i}` });
        }
        const simulate = (id: string) => {
            const given = { orders: [commitment(order({ mspId: H1, slot: SLOT, id }))] };
            return community.endorse('auction:submitOrders', given, { by: H1, endorsers: [H1, DSO] });
        };
        const [last, tooMany] = [await simulate('last'), await simulate('too-many')];
        expect(community.network.commit(last, [H1, DSO])).toBe('VALID');
        expect(community.network.commit(tooMany, [H1, DSO])).toBe('PHANTOM_READ_CONFLICT');
        await expect(simulate('too-many')).rejects.toThrow(/TOO_MANY_ORDERS/);
        await community.submitOrder({ mspId: H2, slot: SLOT });
    });

    it('cannot correct a reading without end', async () => {
        const community = await TestCommunity.trading(3);
        const [first] = readings(H1, SLOT, [-1n]);
        const { spans = [] } = first ?? {};
        const version = (n: number): ReadingRecord[] => [
            reading(H1, SLOT, -1n, spans, n === 1 ? {} : { version: n, reason: 'again' }),
        ];
        for (let n = 1; n <= 10; n += 1) {
            await community.recordReadings(H1, version(n));
        }
        const options = { by: H1, endorsers: [H1, DSO], transient: { readings: version(11) } };
        const args = { mspId: H1, slots: askedOf(version(11)) };
        expect(await community.refusal('metering:recordReadings', args, options)).toBe('TOO_MANY_VERSIONS');
    });

    it('cannot settle a day without end', async () => {
        const community = await TestCommunity.trading(3);
        for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
            await community.submit('auction:voidRound', { slot, reason: 'a test' }, { endorsers: [DSO, H1, H2] });
        }
        const estimate = reading(H1, FIRST, -1n, [], { kind: 'estimated', reason: 'late' }, OPERATOR_KEY);
        const own = readings(H1, FIRST + 1, Array<bigint>(SLOTS - 1).fill(-1n));
        const estimated = { mspId: H1, slots: askedOf([estimate]) };
        await community.submit('metering:estimateReadings', estimated, {
            endorsers: [DSO, H1, H2],
            transient: { readings: [estimate] },
        });
        await community.recordReadings(H1, own);
        const args = { day: DAY, mspId: H1 };
        const inputs = { readings: [estimate, ...own], orders: [], salt: testSalt('day') };
        for (let n = 1; n <= 3; n += 1) {
            const draft = await community.query('billing:draftSettlement', args, { by: H1, transient: inputs });
            const transient = { ...inputs, ...signedSettlement(draft, ownerKey(H1)).signatures };
            await community.submit('billing:settle', args, { by: H1, endorsers: [H1, DSO], transient });
        }
        const again = { by: H1, endorsers: [H1], transient: inputs };
        expect(await community.refusal('billing:draftSettlement', args, again)).toBe('SETTLEMENT_EXISTS');
    });
});

describe('the grid operator', () => {
    it('cannot put an estimate in the place of what a meter said', async () => {
        const community = await TestCommunity.trading(3);
        await community.recordReadings(H1, readings(H1, SLOT, [-100n]));
        const change = { kind: 'estimated' as const, reason: 'I know better', version: 2 };
        const given = [reading(H1, SLOT, -900n, [], change, OPERATOR_KEY)];
        const options = { endorsers: [DSO, H1, H2], transient: { readings: given } };
        const args = { mspId: H1, slots: askedOf(given) };
        expect(await community.refusal('metering:estimateReadings', args, options)).toBe('READING_VERSION_EXISTS');
    });

    it('cannot replay a day that is not over', async () => {
        const community = await TestCommunity.governed(3);
        const open = (time: number) => ({ endorsers: [DSO, H1, H2], time });
        const end = (LIVE_FIRST + SLOTS) * 900;
        const args = { day: LIVE_DAY, replay: true };
        expect(await community.refusal('auction:openDay', args, open(end - 1))).toBe('REPLAY_FORBIDDEN');
        await community.submit('auction:openDay', args, open(end));
    });
});

describe('policies and names', () => {
    it('depend on the quorum as well as on the seats', async () => {
        const community = await TestCommunity.governed(3);
        const seats = [H1, H2, H3].map((mspId) => ({ mspId, weight: 1n }));
        await community.submit('committee:appoint', {
            fromSlot: FIRST + 96,
            seats,
            quorum: { numerator: 2n, denominator: 3n },
        });
        const charter = await community.query('charter:document', {});
        expect(partiesPolicy(charter, H3, FIRST)).not.toEqual(partiesPolicy(charter, H3, FIRST + 96));
        expect(roundPolicy(charter, DAY, FIRST)).not.toEqual(roundPolicy(charter, DAY, FIRST + 96));
    });

    it('belong to no member that is only a name every object has', async () => {
        const community = await TestCommunity.governed(3);
        expect(await community.refusal('community:member', { mspId: 'constructor' })).toBe('MEMBER_UNKNOWN');
        const options = { transient: { settlements: [], salt: testSalt('bill') } };
        const period = { mspId: 'constructor', from: DAY, to: DAY };
        expect(await community.refusal('billing:draftBill', period, options)).toBe('MEMBER_UNKNOWN');
    });
});

describe('numbers as large as the wire carries them', () => {
    it('are settled and closed: sums of money have more bits than what they add up', async () => {
        const community = new TestCommunity(2);
        const most = 2n ** 63n - 1n;
        await community.establish();
        const applications = community.households.map((mspId) =>
            asked(mspId, { importLimitW: most, exportLimitW: most }),
        );
        const transient = { applications: community.households.map((mspId) => application(mspId)) };
        await community.submit('community:admit', { applications }, { transient });
        const terms = { ...TERMS, retail: most, feedIn: -most, floor: -most, cap: most };
        await community.submit('tariffs:schedule', terms);
        await community.submit('committee:appoint', COMMITTEE);
        await community.submit('auction:openDay', { day: DAY, replay: true }, { endorsers: [DSO, H1, H2] });
        for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
            await community.submit('auction:voidRound', { slot, reason: 'a test' }, { endorsers: [DSO, H1, H2] });
        }
        const settlements: SettlementRecord[] = [];
        for (const mspId of community.households) {
            const given = readings(mspId, FIRST, Array<bigint>(SLOTS).fill(mspId === H1 ? -5_000n : 7_000n));
            await community.recordReadings(mspId, given);
            const inputs = { readings: given, orders: [], salt: testSalt(mspId) };
            const args = { day: DAY, mspId };
            const draft = await community.query('billing:draftSettlement', args, { by: mspId, transient: inputs });
            const { signatures } = signedSettlement(draft, ownerKey(mspId));
            const options = { by: mspId, endorsers: [mspId, DSO], transient: { ...inputs, ...signatures } };
            await community.submit('billing:settle', args, options);
            settlements.push(await community.query('billing:ownSettlement', { day: DAY }, { by: mspId }));
        }
        await closeDay(community, settlements, { terms });
        const { sums } = await community.query('billing:totals', { day: DAY });
        expect(sums?.postings.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)).toBe(0n);
        expect(sums?.postings.find(({ account }) => account === 'community')?.amountNanos).toBe(
            96n * 5_000n * 2n * most,
        );
    });

    it.each([2n ** 63n, 2n ** 64n, -(2n ** 63n) - 1n])('stop at 64 bits: %s is refused', async (limit) => {
        const community = await TestCommunity.trading(3);
        const given = order({ mspId: H1, slot: SLOT, limit });
        await community.commitTo(given);
        await community.closeRound(SLOT);
        const options = { by: H1, endorsers: [H1, H2], transient: { openings: [given] } };
        const args = { orders: [{ slot: SLOT, id: 'o1' }], to: [H1, H2] };
        expect(await community.refusal('auction:revealOrders', args, options)).toBe('TRANSIENT_MALFORMED');
    });
});
