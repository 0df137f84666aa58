import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { meterData } from '../commands/day-choice';
import { restoreRecords } from '../community/restoring';
import { operatorAgent, returningHousehold, tradeDay } from '../community/trade';
import { netsOf, registersOf, type MeterDay } from '../data/meter-day';
import { Metering } from '../market/metering';
import { Corrections } from '../market/corrections';
import { testNetwork, type TestNetwork } from '../testing/network';
import { termsOn, type DayResult, type ProvisionalResult } from './trading-day';

const HOMES = 4;
const FIRST_PORT = 23_000;
const [BEFORE, DAY] = ['2025-04-15', '2025-04-16'];
const SILENT = 'H3';
const LIMIT_MS = 400_000;

const sum = (values: readonly bigint[]): bigint => values.reduce((all, each) => all + each, 0n);

describe('a day on which the peer of a household is silent', () => {
    let network: TestNetwork;
    let result: DayResult;
    let provisional: ProvisionalResult;
    const metered = (day: string): MeterDay =>
        meterData(network.members.topology, { day, forecast: 'perfect' }).metered;
    const netsOfSilent = (day: string): bigint[] => netsOf(registersOf(metered(day), SILENT));
    const trade = (day: string, silent: readonly string[]): Promise<DayResult> =>
        tradeDay(network.members, {
            charter: network.charter,
            metered: metered(day),
            progress: { report: () => undefined },
            silent,
        });

    beforeAll(async () => {
        network = await testNetwork(HOMES, FIRST_PORT);
        await trade(BEFORE, []);
        result = await trade(DAY, [SILENT]);
        [provisional] = result.provisional as [ProvisionalResult];
    }, LIMIT_MS);
    afterAll(async () => {
        await network.stop();
    }, 300_000);

    it('ends all the same, with an estimate, a provisional settlement and a provisional bill of it', () => {
        expect(result.households).toHaveLength(HOMES - 1);
        expect(provisional).toMatchObject({ home: SILENT, estimated: 96 });
        expect(provisional.settlement).toMatchObject({ provisional: true, signedBy: 'operator' });
        expect(provisional.bill).toMatchObject({ provisional: true, signedBy: 'operator' });
        expect(result.totals.sums).toMatchObject({ households: HOMES, provisional: true });
    });

    it('takes it to have consumed what it did at that time of the day before, and generated nothing', () => {
        const before = netsOfSilent(BEFORE).map((net) => (net < 0n ? net : 0n));
        expect(provisional.settlement.slots.map(({ meteredWh }) => meteredWh)).toEqual(before);
    });

    it(
        'is corrected by the difference, to the nano, once the household is back',
        async () => {
            const { members, charter } = network;
            const member = members.member(SILENT);
            const { restored, lost } = await restoreRecords(member.calls, { other: members.operator.calls });
            expect([restored > 96, lost]).toEqual([true, []]);
            const returning = returningHousehold(members, member, { charter, metered: metered(DAY) });
            const rounds = await operatorAgent(members, charter).rounds(DAY);
            const terms = termsOn(charter, DAY);
            const corrected = await returning.correct(rounds, terms);
            expect(corrected).toMatchObject({ slots: 96, correction: { number: 1, provisional: false } });
            const last = new Map(corrected.correction?.slots.map(({ slot, meteredWh }) => [slot, meteredWh]));
            const now = provisional.settlement.slots.map(({ slot, meteredWh }) => last.get(slot) ?? meteredWh);
            expect(now).toEqual(netsOfSilent(DAY));
            expect(corrected.bill).toMatchObject({ version: 2, provisional: false, signedBy: 'owner' });
            expect(corrected.bill?.corrections).toMatchObject({
                of: [{ day: DAY, number: 1 }],
                correctedNanos: corrected.balanceNanos - (provisional.bill?.settledNanos ?? 0n),
            });
            expect(sum((corrected.correction?.postings ?? []).map(({ amountNanos }) => amountNanos))).toBe(0n);
            // Once more: there is nothing left.
            expect(await returning.correct(rounds, terms)).toEqual({ slots: 0, balanceNanos: corrected.balanceNanos });
            const theirs = await new Corrections(members.operator.calls).own(DAY, member.calls.mspId);
            expect(theirs).toEqual([corrected.correction]);
            const markers = await new Metering(member.calls).markers(DAY);
            expect(new Set(markers.map(({ kind }) => kind))).toEqual(new Set(['register']));
        },
        LIMIT_MS,
    );
});
