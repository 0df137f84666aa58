import { describe, expect, it } from '@jest/globals';
import { dayKey, roundKey } from '../../api/keys';
import { outcomeOf } from '../../api/outcomes';
import type { SettlementRecord } from '../../api/records';
import { encodeBytes } from '../../api/wire';
import { charterAt } from '../../ledger/charter-view';
import { roundPolicy } from '../../ledger/market-policies';
import {
    application,
    asked,
    askedOf,
    COMMITTEE,
    DAY,
    DSO,
    FIRST,
    household,
    OPERATOR_KEY,
    order,
    ownerKey,
    reading,
    readings,
    SEATS,
    TestCommunity,
} from '../../testing/community';
import { testSalt, type TestKey } from '../../testing/identities';
import { closeDay, CLOSERS, signedBill, signedSettlement, sumsOf } from '../../testing/market/closing';
import { compositeKey } from '../../testing/memory-network';
import { placeOf } from '../../testing/memory-stub';

const [H1, H2, H3, H4] = [household(1), household(2), household(3), household(4)];
const [SLOT, SLOTS] = [FIRST + 60, 96];
const seats = (...mspIds: string[]) => mspIds.map((mspId) => ({ mspId, weight: 1n }));
/** 2015-01-08 and its first slot; the community's clock is UTC+1. */
const [LIVE_DAY, LIVE_FIRST] = ['2015-01-08', 1_420_671_600 / 900];

async function finish(community: TestCommunity): Promise<void> {
    for (let slot = FIRST; slot < FIRST + SLOTS; slot += 1) {
        if (slot !== SLOT) {
            await community.submit('auction:voidRound', { slot, reason: 'a test' }, { endorsers: [DSO, H1, H2] });
        }
    }
}

async function settle(community: TestCommunity, mspId: string): Promise<SettlementRecord> {
    const args = { day: DAY, mspId };
    const inputs = {
        readings: await community.query('metering:ownReadings', { from: FIRST, to: FIRST + 95 }, { by: mspId }),
        orders: await community.query('auction:ownOrders', { slot: SLOT }, { by: mspId }),
        salt: testSalt(`settlement ${mspId}`),
    };
    const draft = await community.query('billing:draftSettlement', args, { by: mspId, transient: inputs });
    const { record, signatures } = signedSettlement(draft, ownerKey(mspId));
    await community.submit('billing:settle', args, {
        by: mspId,
        endorsers: [mspId, DSO],
        transient: { ...inputs, ...signatures },
    });
    return record;
}

/** The grid operator estimates and settles for a member that is gone. */
async function settleForAbsent(community: TestCommunity, mspId: string): Promise<SettlementRecord> {
    const estimates = Array.from({ length: SLOTS }, (_, i) =>
        reading(mspId, FIRST + i, -3n, [], { kind: 'estimated', reason: 'moved away' }, OPERATOR_KEY),
    );
    const byCommittee = (transient: object) => ({ endorsers: [DSO, H1, H2], transient: { ...transient } });
    const slots = askedOf(estimates);
    await community.submit('metering:estimateReadings', { mspId, slots }, byCommittee({ readings: estimates }));
    const args = { day: DAY, mspId };
    const inputs = { readings: estimates, orders: [], salt: testSalt(`settlement ${mspId}`) };
    const draft = await community.query('billing:draftSettlement', args, { transient: inputs });
    const { record, signatures } = signedSettlement(draft, OPERATOR_KEY);
    await community.submit('billing:settleProvisionally', args, byCommittee({ ...inputs, ...signatures }));
    return record;
}

describe('a day that is open while governance changes', () => {
    it('keeps its committee, takes the orders of who joins, and is closed with them and with who left', async () => {
        const community = await TestCommunity.trading(4, { members: 3 });
        await community.submit(
            'community:admit',
            { applications: [asked(H4, { fromDay: DAY })] },
            { transient: { applications: [application(H4)] } },
        );
        await community.submit('committee:appoint', { ...COMMITTEE, fromSlot: SLOT, seats: seats(H3, H4) });
        await community.submit('community:leave', { mspId: H3, fromDay: DAY, reason: 'moves away' }, { by: H3 });

        await community.submitOrder({ mspId: H4, slot: SLOT });
        await community.submitOrder({ mspId: H1, slot: SLOT, side: 'sell', limit: 90_000n });
        expect(await community.refusal('auction:closeRound', { slot: SLOT }, { by: H4 })).toBe('FORBIDDEN');
        await community.closeRound(SLOT);
        const openings = community.orders(SLOT);
        await community.clearRound(SLOT, openings);
        const round = await community.query('auction:round', { slot: SLOT });
        expect(openings.map((opening) => outcomeOf(round, opening)?.reason)).toEqual(['FILLED', 'FILLED']);

        await finish(community);
        for (const mspId of [H1, H2, H4]) {
            await community.recordReadings(mspId, readings(mspId, FIRST, Array<bigint>(SLOTS).fill(-10n)));
        }
        const settlements = [await settle(community, H1), await settle(community, H2), await settle(community, H4)];
        const early = { day: DAY, sums: sumsOf(settlements) };
        expect(await community.refusal('billing:closeDay', early, { endorsers: CLOSERS })).toBe('SETTLEMENT_MISSING');
        const all = [...settlements, await settleForAbsent(community, H3)];
        await closeDay(community, all);
        const { sums } = await community.query('billing:totals', { day: DAY });
        expect(sums).toMatchObject({ households: 4, tradedWh: 500n, provisional: true });
    }, 60_000);

    it('is opened with the committee of the day where the next day is open already', async () => {
        const live = await TestCommunity.governed(3, {
            replayAllowed: false,
            fromDay: '2015-01-02',
            fromSlot: LIVE_FIRST - 6 * 96,
        });
        await live.submit('auction:openDay', { day: LIVE_DAY, replay: false }, { endorsers: [DSO, H1, H2] });
        await live.submit('committee:appoint', { ...COMMITTEE, fromSlot: LIVE_FIRST, seats: seats(H2, H3) });
        await live.submit('community:suspend', { mspId: H3, fromDay: LIVE_DAY, reason: 'a test' });
        const options = { by: H1, endorsers: SEATS, time: LIVE_FIRST * 900 };
        expect(await live.submit('auction:closeRound', { slot: LIVE_FIRST }, options)).toBe('VALID');
    });

    it('cannot be opened under a version whose committee was replaced long before', async () => {
        const live = await TestCommunity.governed(3, {
            replayAllowed: false,
            fromDay: '2015-01-02',
            fromSlot: LIVE_FIRST - 6 * 96,
        });
        const before = (await live.query('charter:document', {})).version;
        await live.submit('committee:appoint', { ...COMMITTEE, fromSlot: LIVE_FIRST - 96, seats: seats(H2, H3) });
        const charter = await live.query('charter:document', {});
        // Recorded on 1 January: of a day that is opened a week ahead at most, the 15th cannot have missed it.
        const [day, slot] = ['2015-01-15', LIVE_FIRST + 7 * 96];
        const common = { day, replay: false, charterVersion: before };
        const forged = [
            [dayKey(day), { ...common, first: slot, count: SLOTS }],
            [roundKey(day, slot), { ...common, slot, status: 'open', mechanism: 'uniform-price/v1' }],
        ] as const;
        for (const [{ type, parts }, record] of forged) {
            const place = placeOf('market', compositeKey(type, parts));
            const policies = new Map([[place, roundPolicy(charterAt(charter, before), day, slot)]]);
            live.network.forge({ writes: new Map([[place, encodeBytes(record)]]), policies }, [DSO, H1]);
        }
        const options = { by: H1, endorsers: [DSO, H1, H2], time: slot * 900 };
        expect(await live.refusal('auction:closeRound', { slot }, options)).toBe('KEY_POLICY_WRONG');
        const future = { ...common, charterVersion: 99, slot, status: 'open', mechanism: 'uniform-price/v1' };
        const place = placeOf('market', compositeKey('round', roundKey(day, slot + 1).parts));
        live.network.forge({ writes: new Map([[place, encodeBytes({ ...future, slot: slot + 1 })]]) }, [DSO, H1]);
        expect(await live.refusal('auction:closeRound', { slot: slot + 1 }, options)).toBe('KEY_POLICY_WRONG');
    });
});

describe('a bill that its household does not take', () => {
    it('is issued by grid operator and committee after the deadline, flagged, and may be replaced by the household', async () => {
        const community = await TestCommunity.trading(3);
        await community.submitOrder({ mspId: H1, slot: SLOT });
        await community.closeRound(SLOT);
        await community.clearRound(SLOT, [order({ mspId: H1, slot: SLOT })].slice(1));
        await finish(community);
        const settlements: SettlementRecord[] = [];
        for (const mspId of community.households) {
            await community.recordReadings(mspId, readings(mspId, FIRST, Array<bigint>(SLOTS).fill(-7n)));
            settlements.push(await settle(community, mspId));
        }
        await closeDay(community, settlements);

        const period = { mspId: H1, from: DAY, to: DAY };
        const inputs = { settlements: settlements.slice(0, 1), salt: testSalt('bill') };
        const early = { transient: inputs, time: (FIRST + SLOTS + 96) * 900 - 1 };
        expect(await community.refusal('billing:draftBill', period, early)).toBe('DEADLINE_OPEN');
        const draft = await community.query('billing:draftBill', period, { transient: inputs });
        expect(draft).toMatchObject({ signedBy: 'operator', provisional: true, version: 1 });
        const signed = (key: TestKey) => ({
            endorsers: [DSO, H1, H2],
            transient: { ...inputs, ...signedBill(draft, key).signatures },
        });
        const byOwner = signed(ownerKey(H1));
        expect(await community.refusal('billing:issueBillProvisionally', period, byOwner)).toBe('SIGNATURE_INVALID');
        const byOperator = signed(OPERATOR_KEY);
        expect(await community.refusal('billing:issueBill', period, byOperator)).toBe('FORBIDDEN');
        await community.submit('billing:issueBillProvisionally', period, byOperator);
        expect(await community.refusal('billing:issueBillProvisionally', period, byOperator)).toBe('BILL_EXISTS');

        const own = await community.query('billing:draftBill', period, { by: H1, transient: inputs });
        expect(own).toMatchObject({ signedBy: 'owner', provisional: false, version: 2, dueMinor: draft.dueMinor });
        const { signatures } = signedBill(own, ownerKey(H1));
        const options = { by: H1, endorsers: [H1, DSO], transient: { ...inputs, ...signatures } };
        await community.submit('billing:issueBill', period, options);
        expect(await community.refusal('billing:issueBill', period, options)).toBe('BILL_EXISTS');
    }, 60_000);
});
