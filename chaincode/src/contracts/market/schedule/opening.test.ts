import { beforeAll, describe, expect, it } from '@jest/globals';
import { scheduleKey, slotPart } from '../../../api/keys';
import { encodeBytes } from '../../../api/wire';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { DAY, DSO, FIRST, household, NOW, SEATS, TestCommunity } from '../../../testing/community';
import { DAY_AHEAD, everySlot, flat, SCHEDULE_TERMS, scheduledCommunity } from '../../../testing/market/schedule';

const [H1, , H3] = [household(1), household(2), household(3)];
const QUORUM = [...SEATS];

const wires = (bus: string, from = 'root') => ({
    rootVolt: 400n,
    leastVolt: 360n,
    mostVolt: 440n,
    transformerW: 100_000n,
    lines: [{ bus, from, resistanceMilliohm: 100n, reactanceMilliohm: 30n, limitW: 100_000n }],
});

describe('dayAhead:schedule', () => {
    let community: TestCommunity;

    beforeAll(async () => {
        community = await TestCommunity.governed(2, { terms: SCHEDULE_TERMS });
        await community.submit('dayAhead:schedule', DAY_AHEAD);
    });

    it.each<{ code: string; why: string; args: unknown; by?: string }>([
        { code: 'MALFORMED', why: 'another mode', args: { ...DAY_AHEAD, mode: 'none' }, by: H1 },
        { code: 'FORBIDDEN', why: 'not the operator', args: { ...DAY_AHEAD, longPrice: 400_000n }, by: H1 },
        { code: 'DAY_AHEAD_INVALID', why: 'long above short', args: { ...DAY_AHEAD, longPrice: 400_000n } },
        {
            code: 'DAY_AHEAD_INVALID',
            why: 'a penalty outside its bounds',
            args: { ...DAY_AHEAD, penalty: { ...DAY_AHEAD.penalty, least: 50_001n } },
        },
        {
            code: 'DAY_AHEAD_INVALID',
            why: 'a home at a bus that is none',
            args: { ...DAY_AHEAD, feeder: { ...wires('b1'), homes: { [H1]: 'b2' } } },
        },
        {
            code: 'DAY_AHEAD_INVALID',
            why: 'a line from nowhere',
            args: { ...DAY_AHEAD, feeder: { ...wires('b1', 'b0'), homes: {} } },
        },
        { code: 'TERMS_OVERLAP', why: 'before what applies', args: DAY_AHEAD },
    ])('refuses with $code and writes nothing: $why', async ({ code, args, by = DSO }) => {
        expect(await community.refusal('dayAhead:schedule', args, { by })).toBe(code);
    });

    it('is refused for a day that has begun, where there are no replays', async () => {
        const live = await TestCommunity.governed(2, {
            terms: SCHEDULE_TERMS,
            replayAllowed: false,
            fromDay: '2015-01-02',
            fromSlot: Math.floor(NOW / 900) + 96,
        });
        expect(await live.refusal('dayAhead:schedule', DAY_AHEAD)).toBe('EFFECT_TOO_EARLY');
    });
});

describe('schedule:open', () => {
    let planned: TestCommunity;
    let byAuction: TestCommunity;

    beforeAll(async () => {
        planned = await scheduledCommunity(3);
        byAuction = await TestCommunity.trading(2);
    });

    const first = [flat(0n)];
    it.each<{ code: string; why: string; args: unknown; by?: string; of?: 'auction' }>([
        { code: 'MALFORMED', why: 'no prices', args: { day: DAY } },
        { code: 'DAY_UNKNOWN', why: 'no such day', args: { day: '2014-02-30', firstPrices: first }, by: H3 },
        {
            code: 'SCHEDULE_MISSING',
            why: 'traded by auction',
            args: { day: DAY, firstPrices: first },
            by: H3,
            of: 'auction',
        },
        { code: 'DAY_UNKNOWN', why: 'not opened', args: { day: '2014-10-04', firstPrices: first }, by: H3 },
        {
            code: 'FORBIDDEN',
            why: 'neither seat nor grid operator',
            args: { day: DAY, firstPrices: [flat(-1n, 'b1')] },
            by: H3,
        },
        {
            code: 'SCHEDULE_SHAPE_WRONG',
            why: 'a price too few',
            args: { day: DAY, firstPrices: [{ bus: 'root', pricesNanos: everySlot(0n).slice(1) }] },
        },
        {
            code: 'SCHEDULE_SHAPE_WRONG',
            why: 'a bus that is none, and too dear',
            args: { day: DAY, firstPrices: [flat(500_000_001n, 'b1')] },
        },
        {
            code: 'PRICE_OUTSIDE_LIMITS',
            why: 'a nano above the cap',
            args: { day: DAY, firstPrices: [flat(500_000_001n)] },
        },
        { code: 'PRICE_OUTSIDE_LIMITS', why: 'a nano below the floor', args: { day: DAY, firstPrices: [flat(-1n)] } },
    ])('refuses with $code and writes nothing: $why', async ({ code, args, by = DSO, of }) => {
        const community = of === 'auction' ? byAuction : planned;
        expect(await community.refusal('schedule:open', args, { by, endorsers: [DSO, ...QUORUM] })).toBe(code);
    });

    it('refuses imbalance prices that would let deviations pay', async () => {
        const community = await scheduledCommunity(2, { shortPrice: 299_999n });
        const args = { day: DAY, firstPrices: first };
        expect(await community.refusal('schedule:open', args, { endorsers: [DSO, ...QUORUM] })).toBe('TERMS_INVALID');
    });

    it('opens once, and counts with grid operator and committee only', async () => {
        const community = await scheduledCommunity(3);
        const args = { day: DAY, firstPrices: first };
        const simulated = await community.endorse('schedule:open', args, { endorsers: [DSO, ...QUORUM] });
        for (const endorsers of [[DSO, H1], [DSO, H3], QUORUM, [DSO, H1, H3]]) {
            // The grid operator and a majority of the households may stand in for a committee, as for a round.
            const isMajority = endorsers.includes(DSO) && endorsers.length === 3;
            if (!isMajority) {
                expect(community.network.commit(simulated, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
            }
        }
        expect(community.network.commit(simulated, [DSO, ...QUORUM])).toBe('VALID');
        const again = { by: DSO, endorsers: [DSO, ...QUORUM] };
        expect(await community.refusal('schedule:open', { day: DAY, firstPrices: [] as never }, again)).toBe(
            'MALFORMED',
        );
        expect(await community.refusal('schedule:open', { day: DAY, firstPrices: [flat(-1n)] }, again)).toBe(
            'SCHEDULE_NOT_PLANNED',
        );
    });
});

describe('an opened day', () => {
    const open = { endorsers: [DSO, ...QUORUM] };
    const args = { day: DAY, firstPrices: [flat(0n)] };

    it('keeps how it is run: what is decided of it later changes nothing', async () => {
        const community = await scheduledCommunity(2);
        await community.submit('dayAhead:schedule', {
            ...DAY_AHEAD,
            fromDay: '2014-10-02',
            mode: 'auction',
            shortPrice: 900_000n,
        });
        await community.submit('schedule:open', args, open);
        const { status, imbalance } = await community.query('schedule:get', { day: DAY });
        expect([status, imbalance.shortPrice]).toEqual(['open', DAY_AHEAD.shortPrice]);
    });

    it('that was to be traded is traded, whatever key somebody makes for it', async () => {
        const community = await TestCommunity.trading(3, { terms: SCHEDULE_TERMS });
        await community.submit('dayAhead:schedule', DAY_AHEAD);
        const record = (charterVersion: number) =>
            encodeBytes({
                day: DAY,
                charterVersion,
                mode: 'schedule',
                imbalance: { shortPrice: 350_000n, longPrice: 50_000n },
                status: 'planned',
            });
        const { charterVersion: opened } = await community.query('auction:day', { day: DAY });
        const { type, parts } = scheduleKey(DAY);
        const place = placeOf('market', compositeKey(type, parts));
        const policy =
            community.network.world.policyOf(placeOf('market', compositeKey('round', [DAY, slotPart(FIRST)]))) ??
            new Uint8Array();
        for (const version of [opened, opened + 1]) {
            const forged = { writes: new Map([[place, record(version)]]), policies: new Map([[place, policy]]) };
            expect(community.network.forge(forged, version === opened ? [DSO, H3] : [DSO, ...QUORUM])).toBe('VALID');
            expect(await community.refusal('schedule:open', args, open)).toBe('SCHEDULE_MISSING');
        }
        await community.submitOrder({ mspId: H3, slot: FIRST });
    });
});
