import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ArgsOf } from '../../api/transactions';
import type { Application } from '../../api/records';
import {
    application,
    asked,
    COMMITTEE,
    DSO,
    FIRST,
    FOUNDING,
    household,
    meterKey,
    NOW,
    TERMS,
    TestCommunity,
} from '../../testing/community';

const [H1, H2, H9] = [household(1), household(2), household(9)];
const TOMORROW = '2015-01-02';
let community: TestCommunity;
/** Its rules allow no replays: what changes, changes from tomorrow on. */
let strict: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.governed(3);
    strict = await TestCommunity.governed(3, {
        replayAllowed: false,
        fromDay: TOMORROW,
        fromSlot: 1_420_153_200 / 900,
    });
});

describe('establish', () => {
    const { roles } = FOUNDING;
    it.each<{ code: string; by: string; change: Partial<typeof FOUNDING> }>([
        { code: 'FORBIDDEN', by: H1, change: { gridConnections: 0 } },
        { code: 'FORBIDDEN', by: DSO, change: { roles: { ...roles, operator: H1 }, gridConnections: 0 } },
        { code: 'NO_GRID_CONNECTION', by: DSO, change: { gridConnections: 0, operatorKey: 'AAAA' } },
        { code: 'KEY_INVALID', by: DSO, change: { operatorKey: 'AAAA', clock: [{ fromSlot: 0, offsetMinutes: 7 }] } },
        { code: 'TERMS_INVALID', by: DSO, change: { clock: [{ fromSlot: 0, offsetMinutes: 7 }] } },
    ])('refuses with $code and writes nothing', async ({ code, by, change }) => {
        const fresh = new TestCommunity(3);
        expect(await fresh.refusal('community:establish', { ...FOUNDING, ...change }, { by })).toBe(code);
    });

    it('is done once', async () => {
        expect(await community.refusal('community:establish', FOUNDING)).toBe('ALREADY_ESTABLISHED');
    });

    it('is what everything else waits for', async () => {
        const fresh = new TestCommunity(3);
        expect(await fresh.refusal('tariffs:schedule', TERMS)).toBe('NOT_ESTABLISHED');
        expect(await fresh.refusal('committee:appoint', COMMITTEE)).toBe('NOT_ESTABLISHED');
        expect(await fresh.refusal('charter:document', {})).toBe('NOT_ESTABLISHED');
    });
});

describe('admit', () => {
    type Asked = ArgsOf<'community:admit'>['applications'][number];
    interface Case {
        readonly code: string;
        readonly by?: string;
        readonly mspId?: string;
        readonly of?: Partial<Asked>;
        readonly own?: Partial<Application>;
        readonly signer?: string;
    }
    const outside = { point: { latitude: 46_000_000n, longitude: 7_650_000n } };
    const unregistered = { generators: [{ id: 'pv1', kind: 'pv' as const, peakW: 5_000n, commonProperty: false }] };

    async function refused({ by = DSO, mspId = H9, of = {}, own = {}, signer = mspId }: Case): Promise<string> {
        const applications = [application(mspId, own, meterKey(signer))];
        return community.refusal(
            'community:admit',
            { applications: [asked(mspId, of)] },
            { by, transient: { applications } },
        );
    }

    // Top to bottom is the order of precedence: each case is also wrong in a way that stands below it.
    it.each<Case>([
        { code: 'FORBIDDEN', by: H1, mspId: H1, own: outside },
        { code: 'RECORD_WRONG', own: { mspId: H1, ...outside } },
        { code: 'MEMBER_EXISTS', mspId: H1, own: outside },
        { code: 'MEMBER_EXISTS', mspId: DSO, own: outside },
        { code: 'KEY_INVALID', of: { ownerKey: 'AAAA' }, own: outside },
        {
            code: 'KEY_INVALID',
            of: { meters: asked(H9).meters.map((meter) => ({ ...meter, key: 'AAAA' })) },
            own: outside,
        },
        { code: 'RECORD_WRONG', of: { prosumer: false }, own: outside },
        { code: 'OUTSIDE_AREA', own: { ...outside, gridConnections: 0 } },
        { code: 'OUTSIDE_AREA', own: { ...outside, feeder: 'F2', gridConnections: 0 } },
        { code: 'NO_GRID_CONNECTION', own: { gridConnections: 0, generationMeter: null } },
        { code: 'NO_GENERATION_METER', own: { generationMeter: null, ...unregistered } },
        {
            code: 'GENERATOR_NOT_COMMON',
            own: { ...unregistered, monitor: { meterId: 'm9', slot: 0, signature: 'AAAA' } },
        },
        {
            code: 'MONITOR_SILENT',
            own: { monitor: { meterId: 'm9', slot: Math.floor(NOW / 900) - 9, signature: 'AAAA' } },
        },
        {
            code: 'MONITOR_SILENT',
            own: { monitor: { meterId: 'm9', slot: Math.floor(NOW / 900) + 1, signature: 'AAAA' } },
        },
        { code: 'METER_UNKNOWN', own: { monitor: { meterId: 'm9', slot: Math.floor(NOW / 900), signature: 'AAAA' } } },
        { code: 'SIGNATURE_INVALID', signer: H1 },
    ])('refuses with $code and writes nothing', async (given) => {
        expect(await refused(given)).toBe(given.code);
    });

    it('admits all or none', async () => {
        const applications = [household(7), household(8)].map((mspId, i) => application(mspId, i === 1 ? outside : {}));
        const args = { applications: [household(7), household(8)].map((mspId) => asked(mspId)) };
        expect(await community.refusal('community:admit', args, { transient: { applications } })).toBe('OUTSIDE_AREA');
        const twice = { applications: [asked(H9), asked(H9)] };
        const own = { applications: [application(H9), application(H9)] };
        expect(await community.refusal('community:admit', twice, { transient: own })).toBe('MEMBER_EXISTS');
    });

    it('takes a home outside the polygon on a feeder of the area', async () => {
        const mspId = household(5);
        const applications = [application(mspId, { ...outside, feeder: 'F1' })];
        await community.submit('community:admit', { applications: [asked(mspId)] }, { transient: { applications } });
        expect(await community.query('community:member', { mspId })).toMatchObject({ mspId, prosumer: true });
    });

    it('keeps the verdict and a salted hash: neither place nor meter numbers', async () => {
        const channel = [...community.network.world.range('governance', '')].map(({ value }) =>
            Buffer.from(value).toString(),
        );
        expect(channel.some((text) => /virtual meter|number of|45070000|IT001E/.test(text))).toBe(false);
        const refusedAt = community.endorse(
            'community:admit',
            { applications: [asked(H9)] },
            { transient: { applications: [application(H9, outside)] } },
        );
        await expect(refusedAt).rejects.not.toThrow(/46000000/);
    });

    it('needs grid operator and a majority of the households', async () => {
        const applications = [application(household(6))];
        const simulated = await community.endorse(
            'community:admit',
            { applications: [asked(household(6))] },
            { transient: { applications } },
        );
        expect(community.network.commit(simulated, [DSO, H1])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [H1, H2, household(3)])).toBe('ENDORSEMENT_POLICY_FAILURE');
        expect(community.network.commit(simulated, [DSO, H1, H2])).toBe('VALID');
    });
});

describe('standings', () => {
    const reason = 'a test';
    it.each<{
        code: string;
        name: 'community:suspend' | 'community:leave' | 'community:reinstate';
        by?: string;
        mspId: string;
        fromDay: string;
    }>([
        { code: 'FORBIDDEN', name: 'community:suspend', by: H1, mspId: H9, fromDay: TOMORROW },
        { code: 'FORBIDDEN', name: 'community:suspend', by: H1, mspId: H1, fromDay: TOMORROW },
        { code: 'FORBIDDEN', name: 'community:leave', by: H2, mspId: H1, fromDay: TOMORROW },
        { code: 'MEMBER_UNKNOWN', name: 'community:suspend', mspId: H9, fromDay: '2015-01-01' },
        { code: 'EFFECT_TOO_EARLY', name: 'community:suspend', mspId: H1, fromDay: '2015-01-01' },
        { code: 'STANDING_UNCHANGED', name: 'community:suspend', mspId: H1, fromDay: TOMORROW },
        { code: 'STANDING_UNCHANGED', name: 'community:reinstate', mspId: H1, fromDay: '2015-02-01' },
    ])('refuse with $code and write nothing', async ({ code, name, by = DSO, mspId, fromDay }) => {
        expect(await strict.refusal(name, { mspId, fromDay, reason }, { by })).toBe(code);
    });

    it('suspend, reinstate and leave from a day on', async () => {
        await strict.submit('community:suspend', { mspId: H2, fromDay: '2015-02-01', reason });
        await strict.submit('community:reinstate', { mspId: H2, fromDay: '2015-03-01', reason });
        await strict.submit('community:leave', { mspId: H2, fromDay: '2015-04-01', reason }, { by: H2 });
        const { standings } = await strict.query('community:member', { mspId: H2 });
        expect(standings.map(({ status }) => status)).toEqual(['active', 'suspended', 'active', 'left']);
        const again = { mspId: H2, fromDay: '2015-05-01', reason };
        expect(await strict.refusal('community:reinstate', again)).toBe('STANDING_UNCHANGED');
        expect(await strict.query('community:list', {})).toHaveLength(3);
    });
});

describe('replaceMeter', () => {
    const [meter] = asked(H9).meters;
    const args = { mspId: H1, slot: FIRST, meter: { id: 'm2', key: meter?.key ?? '', modulusWh: 1_000n } };
    it.each<{ code: string; by?: string; change: Partial<typeof args> }>([
        { code: 'FORBIDDEN', by: H1, change: { mspId: H9 } },
        { code: 'MEMBER_UNKNOWN', change: { mspId: H9, meter: { ...args.meter, key: 'AAAA' } } },
        { code: 'KEY_INVALID', change: { slot: 0, meter: { ...args.meter, key: 'AAAA' } } },
        { code: 'METER_EXISTS', change: { slot: 0 } },
        { code: 'METER_EXISTS', change: { meter: { ...args.meter, id: 'm1' } } },
    ])('refuses with $code and writes nothing', async ({ code, by = DSO, change }) => {
        expect(await community.refusal('community:replaceMeter', { ...args, ...change }, { by })).toBe(code);
    });

    it('keeps the old meter for the slots in which it counted', async () => {
        await community.submit('community:replaceMeter', args);
        const { meters } = await community.query('community:member', { mspId: H1 });
        expect(meters).toMatchObject([
            { id: 'm1', fromSlot: 0, toSlot: FIRST },
            { id: 'm2', fromSlot: FIRST, toSlot: null },
        ]);
    });
});

describe('assignRole', () => {
    it.each([
        { code: 'FORBIDDEN', by: H1, role: 'dso', mspId: H1 },
        { code: 'ROLE_TAKEN', by: DSO, role: 'dso', mspId: DSO },
        { code: 'MEMBER_EXISTS', by: DSO, role: 'dso', mspId: H1 },
        { code: 'ROLE_FIXED', by: DSO, role: 'dso', mspId: 'OtherMSP' },
    ])('refuses with $code and writes nothing', async ({ code, by, role, mspId }) => {
        expect(await community.refusal('community:assignRole', { role, mspId }, { by })).toBe(code);
    });

    it('makes a role count for another organisation', async () => {
        await community.submit('community:assignRole', { role: 'auditor', mspId: H1 });
        expect((await community.query('charter:document', {})).roles.auditor).toBe(H1);
    });
});

describe('terms', () => {
    const bounded = { ...TERMS, fromDay: '2015-06-01', toDay: '2015-06-30' };

    it.each<{ code: string; by?: string; change: Partial<typeof TERMS> }>([
        { code: 'FORBIDDEN', by: H1, change: { floor: 2n, cap: 1n } },
        { code: 'TERMS_INVALID', change: { floor: 2n, cap: 1n, fromDay: '2014-12-31' } },
        { code: 'TERMS_INVALID', change: { fromDay: '2015-01-01', toDay: '2014-12-31' } },
        { code: 'TERMS_INVALID', change: { retail: 1n, feedIn: 2n, fromDay: '2014-12-31' } },
        { code: 'EFFECT_TOO_EARLY', change: { fromDay: '2015-01-01' } },
        { code: 'TERMS_OVERLAP', change: { fromDay: '2015-06-01', toDay: null } },
        { code: 'TERMS_OVERLAP', change: { fromDay: TOMORROW, toDay: '2015-01-02' } },
    ])('refuse with $code and write nothing', async ({ code, by = DSO, change }) => {
        expect(await strict.refusal('tariffs:schedule', { ...TERMS, ...change }, { by })).toBe(code);
    });

    it('follow one another', async () => {
        const other = new TestCommunity(3);
        await other.establish();
        await other.submit('tariffs:schedule', bounded);
        await other.submit('tariffs:schedule', { ...TERMS, fromDay: '2015-07-01' });
        await other.submit('tariffs:schedule', { ...TERMS, fromDay: '2015-05-01', toDay: '2015-05-31' });
        expect(await other.refusal('tariffs:schedule', { ...bounded, fromDay: '2015-06-30' })).toBe('TERMS_OVERLAP');
        const listed = await other.query('tariffs:list', {});
        expect(listed.map(({ fromDay }) => fromDay)).toEqual(['2015-05-01', '2015-06-01', '2015-07-01']);
    });
});

describe('the committee', () => {
    const seat = (mspId: string, weight = 1n) => ({ mspId, weight });
    it.each<{ code: string; by?: string; change: Partial<typeof COMMITTEE> }>([
        { code: 'FORBIDDEN', by: H1, change: { seats: [seat(H1), seat(H1)] } },
        { code: 'COMMITTEE_INVALID', change: { seats: [seat(H1), seat(H1)] } },
        { code: 'COMMITTEE_INVALID', change: { seats: [seat(H9)], quorum: { numerator: 1n, denominator: 3n } } },
        { code: 'COMMITTEE_INVALID', change: { seats: [seat(H9)], quorum: { numerator: 1n, denominator: 1n } } },
        { code: 'COMMITTEE_INVALID', change: { seats: [seat(DSO), seat(H9)] } },
        { code: 'COMMITTEE_INVALID', change: { seats: [seat(H1)] } },
        { code: 'COMMITTEE_INVALID', change: { seats: [seat(H1, 3n), seat(H9)] } },
        { code: 'COMMITTEE_INVALID', change: { seats: [seat(H1), seat(H9, 2n)] } },
        { code: 'MEMBER_UNKNOWN', change: { seats: [seat(H1), seat(H9)] } },
        { code: 'COMMITTEE_EXISTS', change: {} },
        { code: 'COMMITTEE_EXISTS', change: { fromSlot: FIRST - 97, seats: [seat(H1), seat(H2)] } },
    ])('is refused with $code and nothing is written', async ({ code, by = DSO, change }) => {
        expect(await community.refusal('committee:appoint', { ...COMMITTEE, ...change }, { by })).toBe(code);
    });

    it('serves until the next begins', async () => {
        await community.submit('committee:appoint', {
            ...COMMITTEE,
            fromSlot: FIRST + 9_600,
            seats: [seat(H1, 3n), seat(H2, 3n), seat(household(3), 3n)],
        });
        const at = async (slot: number): Promise<number> =>
            (await community.query('committee:current', { slot })).seats.length;
        expect([await at(FIRST), await at(FIRST + 9_599), await at(FIRST + 9_600)]).toEqual([2, 2, 3]);
        expect(await community.refusal('committee:current', { slot: FIRST - 97 })).toBe('COMMITTEE_MISSING');
    });
});
