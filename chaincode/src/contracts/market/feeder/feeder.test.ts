import { beforeAll, describe, expect, it } from '@jest/globals';
import type { FeederRecord, SettlementRecord } from '../../../api/records';
import { feederStatement, ownerStatement } from '../../../api/statements';
import type { ArgsOf } from '../../../api/transactions';
import { DAY, DSO, FIRST, household, OPERATOR_KEY, ownerKey, TERMS, TestCommunity } from '../../../testing/community';
import { testSalt } from '../../../testing/identities';
import { tradedDay } from '../../../testing/market/traded-day';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const LOSSES = { constantWh: 2n, lossPpm: 0n, tolerancePpm: 20_000n, payer: 'members' as const };
const SLOTS = 96;
/** H1 draws 80 or 400 Wh and its meter counts half of it; H2 draws the same all day. */
const drawn = (i: number): bigint => (i % 3 === 0 ? 400n : 80n);

let community: TestCommunity;
let settlements: SettlementRecord[];

type Asked = ArgsOf<'feeder:compareDay'>;
const signed = (slots: Asked['slots'], day = DAY, key = OPERATOR_KEY): Asked => ({
    day,
    slots,
    signature: key.sign(feederStatement(day, slots)),
});
/** What the feeder's meter saw: what was really drawn, and two watt-hours lost in each slot. */
const seen = (): Asked['slots'] =>
    Array.from({ length: SLOTS }, (_, i) => ({ slot: FIRST + i, feederWh: -(drawn(i) + 50n + 7n + 2n) }));
const refused = (asked: Asked, by = DSO): Promise<string> =>
    community.refusal('feeder:compareDay', asked, { by, endorsers: [DSO, H1, H2] });

beforeAll(async () => {
    community = await TestCommunity.trading(3, { terms: { ...TERMS, losses: LOSSES } });
    const counted = Object.fromEntries(Array.from({ length: SLOTS }, (_, i) => [FIRST + i, -drawn(i) / 2n]));
    const steady = Object.fromEntries(Array.from({ length: SLOTS }, (_, i) => [FIRST + i, -50n]));
    const open = await community.refusal('feeder:compareDay', signed(seen()), { endorsers: [DSO, H1, H2] });
    expect(open).toBe('DAY_NOT_CLOSED');
    settlements = await tradedDay(community, [], { [H1]: counted, [H2]: steady });
}, 60_000);

describe('compareDay', () => {
    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<{ code: string; asked: () => Asked; by?: string }>([
        { code: 'FORBIDDEN', asked: () => ({ ...signed(seen()), day: '2014-09-01' }), by: H1 },
        { code: 'DAY_UNKNOWN', asked: () => ({ ...signed(seen()), day: '2014-02-30' }) },
        { code: 'TERMS_MISSING', asked: () => ({ ...signed(seen()), day: '2014-09-01' }) },
        { code: 'SIGNATURE_INVALID', asked: () => signed(seen(), DAY, ownerKey(H1)) },
        { code: 'SIGNATURE_INVALID', asked: () => ({ ...signed(seen()), slots: seen().slice(1) }) },
        { code: 'DAY_UNKNOWN', asked: () => signed(seen(), '2014-10-04') },
        { code: 'READINGS_MISSING', asked: () => signed(seen().slice(1)) },
        { code: 'READINGS_MISSING', asked: () => signed([...seen().slice(1), { slot: FIRST, feederWh: 0n }]) },
    ])('refuses with $code and writes nothing', async ({ code, asked, by }) => {
        expect(await refused(asked(), by)).toBe(code);
    });

    it('is refused where the terms name no losses, and where too few households stand in the sum', async () => {
        const plain = await TestCommunity.trading(2);
        const options = { endorsers: [DSO, H1, H2] };
        expect(await plain.refusal('feeder:compareDay', signed(seen()), options)).toBe('LOSSES_NOT_GOVERNED');
        const few = await TestCommunity.trading(2, { terms: { ...TERMS, losses: LOSSES } });
        await tradedDay(few, [], {});
        expect(await few.refusal('feeder:compareDay', signed(seen()), options)).toBe('GROUP_TOO_SMALL');
    }, 60_000);

    it('says by how much each slot is off, and lets the members pay by their connections', async () => {
        await community.submit('feeder:compareDay', signed(seen()), { endorsers: [DSO, H1, H2] });
        expect(await refused(signed(seen()))).toBe('FEEDER_EXISTS');
        const compared = await community.query('feeder:day', { day: DAY });
        const missing = Array.from({ length: SLOTS }, (_, i) => drawn(i) / 2n).reduce((a, b) => a + b, 0n);
        expect(compared).toMatchObject({ lostWh: missing + 192n, expectedWh: 192n, residualWh: missing, fits: false });
        expect(compared.slots[0]).toEqual({
            slot: FIRST,
            feederWh: -459n,
            meteredWh: -257n,
            expectedWh: 2n,
            fits: false,
        });
        expect(compared.costNanos).toBe((missing + 192n) * TERMS.retail);
        expect(compared.postings.reduce((sum, { amountNanos }) => sum + amountNanos, 0n)).toBe(0n);
        const shares = compared.postings.filter(({ account }) => account.startsWith('household:'));
        expect(shares.map(({ amountNanos }) => amountNanos)).toEqual(
            Array(3).fill(-(missing + 192n) * (TERMS.retail / 3n)),
        );
    });

    it('stands under the policy of a round: nobody rewrites it alone', async () => {
        const compared = await community.query('feeder:day', { day: DAY });
        const place = [...community.network.world.range('market', '\u0000feeder\u0000')];
        expect(place).toHaveLength(1);
        expect(community.network.publicText('market', 'feeder', DAY)).toContain(compared.signature);
        const key = `market|${place[0]?.key ?? ''}`;
        const forged = { writes: new Map([[key, Buffer.from('{}')]]) };
        expect(community.network.forge(forged, [DSO, H3])).toBe('ENDORSEMENT_POLICY_FAILURE');
    });
});

describe('a suspicion', () => {
    const salt = testSalt('suspicion');
    const settlementOf = (mspId: string): SettlementRecord =>
        settlements.find((each) => each.mspId === mspId) as SettlementRecord;
    const told = (mspId: string, signature = 'bm9uZQ=='): Record<string, unknown> => ({
        settlement: settlementOf(mspId),
        salt,
        signature,
    });

    it.each<{ code: string; args: { day?: string; mspId?: string }; by?: string; inputs?: () => object }>([
        { code: 'FORBIDDEN', args: { mspId: 'H9MSP' }, by: H1 },
        { code: 'MEMBER_UNKNOWN', args: { mspId: 'H9MSP', day: '2014-02-30' } },
        { code: 'DAY_UNKNOWN', args: { day: '2014-02-30' } },
        { code: 'FEEDER_MISSING', args: { day: '2014-10-04' } },
        { code: 'OPENING_UNKNOWN', args: {}, inputs: () => told(H2) },
        {
            code: 'OPENING_MISMATCH',
            args: {},
            inputs: () => ({ ...told(H1), settlement: { ...settlementOf(H1), salt } }),
        },
        { code: 'SUSPICION_UNFOUNDED', args: { mspId: H2 }, inputs: () => told(H2) },
        { code: 'SIGNATURE_INVALID', args: {} },
    ])('is refused with $code and writes nothing', async ({ code, args, by = DSO, inputs }) => {
        const options = { by, endorsers: [DSO, H1, H2], transient: { ...told(H1), ...inputs?.() } };
        expect(await community.refusal('feeder:notify', { day: DAY, mspId: H1, ...args }, options)).toBe(code);
    });

    it('tells the household and the grid operator the figures, and the channel only that it was told', async () => {
        const args = { day: DAY, mspId: H1 };
        const inputs = { settlement: settlementOf(H1), salt };
        const draft = await community.query('feeder:draftSuspicion', args, { by: H1, transient: inputs });
        expect(draft).toMatchObject({ side: 'consumption', explainedPpm: 1_000_000n, slopePpm: 1_000_000n });
        const signature = OPERATOR_KEY.sign(ownerStatement(draft));
        const options = { endorsers: [DSO, H1, H2], transient: { ...inputs, signature } };
        await community.submit('feeder:notify', args, options);
        expect(await community.refusal('feeder:notify', args, options)).toBe('SUSPICION_EXISTS');
        const own = await community.query('feeder:ownSuspicion', { day: DAY }, { by: H1 });
        expect(own).toEqual(await community.query('feeder:ownSuspicion', { day: DAY, mspId: H1 }));
        const byOther = { by: H2, endorsers: [H2] };
        expect(await community.refusal('feeder:ownSuspicion', { day: DAY, mspId: H1 }, byOther)).toBe('FORBIDDEN');
        const channel = community.network.publicText('market', 'suspicion', DAY, H1) ?? '';
        expect(Object.keys(JSON.parse(channel) as object).sort()).toEqual(['day', 'hash', 'mspId', 'version']);
    });

    it('is refused on a day on which nothing is missing', async () => {
        const fitting = await TestCommunity.trading(3, { terms: { ...TERMS, losses: LOSSES } });
        await tradedDay(fitting, [], {});
        const slots = Array.from({ length: SLOTS }, (_, i) => ({ slot: FIRST + i, feederWh: -23n }));
        const compared = JSON.parse(
            (await fitting.endorse('feeder:compareDay', signed(slots), { endorsers: [DSO, H1, H2] })).response,
        ) as Pick<FeederRecord, 'fits'>;
        expect(compared.fits).toBe(true);
        await fitting.submit('feeder:compareDay', signed(slots), { endorsers: [DSO, H1, H2] });
        const args = { day: DAY, mspId: H1 };
        const options = { endorsers: [DSO, H1, H2], transient: told(H1) };
        expect(await fitting.refusal('feeder:notify', args, options)).toBe('FEEDER_FITS');
    }, 60_000);
});
