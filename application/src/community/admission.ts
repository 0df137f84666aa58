import type { Application, Charter, Member } from '@commonwatt/chaincode/api/records';
import { monitorStatement } from '@commonwatt/chaincode/api/statements';
import type { ArgsOf } from '@commonwatt/chaincode/api/transactions';
import type { Home, Point, Topology } from '@commonwatt/network/topology/topology';
import { SLOT_SECONDS, dayAfter } from '../data/zone';
import type { EndorsementRule } from '../gateway/endorsement/rule';
import { METER_ID, REGISTER_MODULUS_WH } from '../household/records';
import { governors as governorsOf } from '../market/endorsers';
import { Community, Governance } from '../market/governance';
import { payOpeningDeposits } from './deposits';
import type { CommunityMembers, MemberAccess } from './members';

/** Before any day that a demonstration replays. */
export const FOUNDED_ON = '2010-01-01';

/** The first day a change of members may count from where nobody says another: tomorrow, or since ever where days are replayed. */
export function earliestDay({ rules }: Charter, now: Date): string {
    return rules.replayAllowed ? FOUNDED_ON : dayAfter(now.toISOString().slice(0, 10));
}

/** Whether governance has the household as an active member on a day. */
export function isActiveOn({ members }: Charter, mspId: string, day: string): boolean {
    const member: Member | undefined = members[mspId];
    return member?.standings.findLast(({ fromDay }) => fromDay <= day)?.status === 'active';
}

/** The household's application, made with its own keys and proposed by the grid operator; the rules of admission decide. */
export async function admitHousehold(members: CommunityMembers, id: string, fromDay: string): Promise<void> {
    const applicant = members.member(id);
    const community = new Community(members.operator.calls, await governorsNow(members));
    await community.admit([publicApplication(applicant, fromDay)], [personalApplication(applicant, members.topology)]);
    const charter = await new Governance(members.operator.calls).charter();
    if (charter !== undefined) {
        await payOpeningDeposits(members, charter);
    }
}

export interface Leaving {
    readonly fromDay: string;
    readonly reason: string;
    /** Asked for by the grid operator, and not by the household itself. */
    readonly isExpelled: boolean;
}

/** Ends a membership of the market from a day on; what is open of the days before is settled as usual. */
export async function endMembership(members: CommunityMembers, id: string, leaving: Leaving): Promise<void> {
    const leaver = members.member(id);
    const { fromDay, reason, isExpelled } = leaving;
    const asking = isExpelled ? members.operator : leaver;
    const community = new Community(asking.calls, await governorsNow(members));
    await community.leave({ mspId: leaver.calls.mspId, fromDay, reason });
}

/** Governed changes are endorsed by the grid operator and a majority of the households; known members before newcomers. */
export async function governorsNow(members: CommunityMembers): Promise<EndorsementRule> {
    const charter = await new Governance(members.operator.calls).charter();
    const all = members.households.map(({ calls }) => calls.mspId);
    // One that has just come may still be catching up.
    const [known, others] = [true, false].map((isKnown) =>
        all.filter((mspId) => (charter?.members[mspId] !== undefined) === isKnown),
    );
    return governorsOf(members.operator.calls.mspId, [...(known ?? []), ...(others ?? [])]);
}

/** What the channel may know of an applicant. */
export function publicApplication(
    { organisation, calls, keys, meter }: MemberAccess,
    fromDay: string,
): PublicApplication {
    const { connection, consumes, generators, zone } = homeOf(organisation);
    return {
        ...(zone === undefined ? {} : { zone }),
        mspId: calls.mspId,
        ownerKey: keys.publicKey,
        meters: [{ id: METER_ID, key: meter?.publicKey ?? '', modulusWh: REGISTER_MODULUS_WH }],
        importLimitW: BigInt(connection.importLimitW),
        exportLimitW: BigInt(connection.exportLimitW),
        prosumer: consumes && generators.length > 0,
        fromDay,
    };
}

type PublicApplication = ArgsOf<'community:admit'>['applications'][number];

/** What only the endorsers may know, who check it by the rules of admission. */
export function personalApplication(applicant: MemberAccess, { community }: Topology): Application {
    const { organisation, calls, keys, meter } = applicant;
    const home = homeOf(organisation);
    const slot = Math.floor(Date.now() / 1000 / SLOT_SECONDS);
    const report = monitorStatement({ monitor: METER_ID, mspId: calls.mspId, slot });
    return {
        mspId: calls.mspId,
        point: microdegrees(home.connection.point),
        feeder: recordName(community.feeder),
        connectionId: home.connection.id,
        gridConnections: 1,
        consumes: home.consumes,
        meterNumbers: [home.meters.connection],
        generationMeter: home.meters.generation ?? null,
        generators: home.generators.map(({ id, kind, peakW }) => ({
            id,
            kind,
            peakW: BigInt(peakW),
            commonProperty: true,
        })),
        monitor: { meterId: METER_ID, slot, signature: meter?.sign(report) ?? '' },
        salt: keys.saltFor(`application/${calls.mspId}`, 1),
    };
}

function homeOf({ id, home }: MemberAccess['organisation']): Home {
    if (home === undefined) {
        throw new Error(`${id} is not a household`);
    }
    return home;
}

export function microdegrees({ latitude, longitude }: Point): { latitude: bigint; longitude: bigint } {
    const exact = (degrees: number): bigint => BigInt(Math.round(degrees * 1_000_000));
    return { latitude: exact(latitude), longitude: exact(longitude) };
}

/** Names of the file in the alphabet of the ledger's ids. */
export function recordName(text: string): string {
    return text.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 32);
}
