import type { Charter, DayAheadTermsRecord } from '@commonwatt/chaincode/api/records';
import { dayAheadOn } from '@commonwatt/chaincode/domain/schedule/terms';
import { organisation, type DayAhead, type RadialFeeder, type Topology } from '@commonwatt/network/topology/topology';
import type { Endorsers } from '../gateway/member-gateway';
import { Community, Governance } from '../market/governance';
import { governorsNow } from './admission';
import type { CommunityMembers } from './members';

export type DayAheadMode = DayAheadTermsRecord['mode'];

/** How a community runs a day, as its members have decided. */
export const modeOn = (charter: Charter, day: string): DayAheadMode =>
    dayAheadOn(charter.dayAhead, day)?.mode ?? 'auction';

/**
 * Lets the community decide how days are run from this one on, where it does not run that day so already. A demonstration's members all agree;
 * those of a real community are asked before. Returns the charter as it is then.
 *
 * @throws Error where the community's description has no terms of days ahead.
 */
export async function decideDayAhead(
    members: CommunityMembers,
    charter: Charter,
    day: string,
    mode: DayAheadMode,
    governors?: Endorsers,
): Promise<Charter> {
    if (modeOn(charter, day) === mode) {
        return charter;
    }
    const community = new Community(members.operator.calls, governors ?? (await governorsNow(members)));
    await community.scheduleDayAhead(termsFrom(members.topology, day, mode));
    const changed = await new Governance(members.operator.calls).charter();
    return changed ?? charter;
}

function termsFrom(topology: Topology, fromDay: string, mode: DayAheadMode): DayAheadTermsRecord {
    const { dayAhead } = topology;
    if (dayAhead === undefined) {
        throw new Error('the community has no terms of days ahead: section dayAhead of its file states them');
    }
    const { iterations, tolerance, penalty, iterationSeconds, runSeconds, deadlineSlots, feeder } = dayAhead;
    const weight = dayAhead.networkWeight === 'one' ? 1 : topology.homes.length;
    return {
        fromDay,
        mode,
        ...{ iterations, iterationSeconds, runSeconds, deadlineSlots },
        primalToleranceWh: BigInt(tolerance.sumWh),
        dualTolerance: BigInt(tolerance.nanosPerKwh),
        // As twice a share.
        overRelaxation: { numerator: BigInt(dayAhead.overRelaxation), denominator: 2000n },
        networkWeight: dayAhead.networkWeight,
        penalty: penaltyOf(penalty, BigInt(topology.homes.length + weight)),
        importLimitW: BigInt(dayAhead.importLimitW),
        exportLimitW: BigInt(dayAhead.exportLimitW),
        shortPrice: BigInt(dayAhead.shortMicrosPerKwh),
        longPrice: BigInt(dayAhead.longMicrosPerKwh),
        ...(feeder === undefined ? {} : { feeder: feederOf(topology, feeder) }),
    };
}

/** The file says what a Wh moves a price, which is ρ shared among all agents. */
const penaltyOf = (
    { initial, least, most, adaptiveUntil }: DayAhead['penalty'],
    agents: bigint,
): DayAheadTermsRecord['penalty'] => ({
    initial: BigInt(initial) * agents,
    least: BigInt(least) * agents,
    most: BigInt(most) * agents,
    adaptiveUntil,
});

function feederOf(topology: Topology, feeder: RadialFeeder): NonNullable<DayAheadTermsRecord['feeder']> {
    const { rootVolt, leastVolt, mostVolt, transformerW, lines, homes } = feeder;
    return {
        rootVolt: BigInt(rootVolt),
        leastVolt: BigInt(leastVolt),
        mostVolt: BigInt(mostVolt),
        transformerW: BigInt(transformerW),
        lines: lines.map(({ bus, from, resistanceMilliohm, reactanceMilliohm, limitW }) => ({
            bus,
            from,
            resistanceMilliohm: BigInt(resistanceMilliohm),
            reactanceMilliohm: BigInt(reactanceMilliohm),
            limitW: BigInt(limitW),
        })),
        homes: Object.fromEntries(
            Object.entries(homes)
                .filter(([home]) => topology.homes.includes(home))
                .map(([home, bus]) => [organisation(topology, home).mspId, bus]),
        ),
    };
}
