import { common, msp, orderer } from '@hyperledger/fabric-protos';
import {
    Bundle,
    configuredSeats,
    consenterMapping,
    ordererOrganisation,
    seatPolicy,
    seatPowers,
    withSeatPowers,
    type OrderingSeat,
} from '../../fabric/channel-config';
import { mapEntries } from '../../fabric/wire';
import { Refused } from '../../ordering/app/envelope-rules';
import { assertSeats } from '../../ordering/app/seat-rules';
import { MembershipRefused } from './refused';

/** Who has which power in ordering from now on; whoever is not named has no seat any more. */
export interface SeatsChange {
    readonly kind: 'seats';
    readonly seats: readonly OrderingSeat[];
    /** Number of the ledger block that the powers were worked out from, where they come from an election. */
    readonly basis?: number;
}

/** Other certificates of a seat: signing, and TLS towards clients and the other seats. Powers, address and engine stay. */
export interface SeatRenewal {
    readonly kind: 'renewsSeat';
    readonly mspId: string;
    /** PEM. */
    readonly identityPem: string;
    readonly tlsPem: string;
}

export interface Power {
    readonly mspId: string;
    readonly power: bigint;
}

const ORDERER = 'Orderer';
const APPLICATION = 'Application';
const MSP = 'MSP';

export function seatsInWords({ seats, basis }: SeatsChange): string {
    const powers = seats.map(({ mspId, weight }) => `${mspId}=${weight}`).join(', ');
    return `the seats are ${powers}${basis === undefined ? '' : `, by block ${basis}`}`;
}

/**
 * The seats with other powers, in the order of the present ones with newcomers behind; a power of zero takes a seat away.
 *
 * @param newcomers all that the configuration has to know of organisations that have no seat yet.
 * Throws MembershipRefused for somebody who is neither.
 */
export function withPowers(
    present: readonly OrderingSeat[],
    powers: readonly Power[],
    newcomers: readonly OrderingSeat[] = [],
): readonly OrderingSeat[] {
    const known = [...present, ...newcomers.filter(({ mspId }) => !present.some((seat) => seat.mspId === mspId))];
    const unknown = powers.find(({ mspId }) => !known.some((seat) => seat.mspId === mspId));
    if (unknown !== undefined) {
        throw new MembershipRefused(`UNKNOWN_SEAT: ${unknown.mspId} has no ordering seat and brings none`);
    }
    return known.flatMap((seat) => {
        const weight = powers.find(({ mspId }) => mspId === seat.mspId)?.power ?? 0n;
        return weight === 0n ? [] : [{ ...seat, weight }];
    });
}

/** The seats that the channel has, as they stand in its configuration. */
export function presentSeats(present: Bundle): readonly OrderingSeat[] | undefined {
    return configuredSeats(present)?.map(({ mspId, power, cluster, engine, consenter }) => ({
        mspId,
        weight: power,
        consenterId: consenter.id,
        host: consenter.host,
        port: consenter.port,
        identityPem: consenter.identityPem,
        serverTlsPem: consenter.serverTlsPem,
        clientTlsPem: consenter.clientTlsPem,
        ...(cluster && { cluster }),
        ...(engine && { engine }),
    }));
}

/** Whether the channel's seats are these, with these powers and certificates. */
export function areSeated(present: Bundle, { seats }: SeatsChange): boolean {
    const words = (list: readonly OrderingSeat[]): string =>
        list
            .map((seat) => [seat.mspId, seat.weight, seat.identityPem, seat.serverTlsPem, seat.clientTlsPem].join(' '))
            .join('\n');
    return words(presentSeats(present) ?? []) === words(seats);
}

/** Whether the channel knows the seat by these certificates. */
export function isSeatRenewed(present: Bundle, { mspId, identityPem, tlsPem }: SeatRenewal): boolean {
    const seat = presentSeats(present)?.find((each) => each.mspId === mspId);
    return seat?.identityPem === identityPem && seat.serverTlsPem === tlsPem && seat.clientTlsPem === tlsPem;
}

/** Changes a copy of the channel's group: the certificates of one seat, and nothing else. Throws MembershipRefused. */
export function renewSeat(present: Bundle, after: common.ConfigGroup, renewal: SeatRenewal): void {
    const { mspId, identityPem, tlsPem } = renewal;
    const seats = presentSeats(present);
    if (seats?.some((seat) => seat.mspId === mspId) !== true) {
        throw new MembershipRefused(`UNKNOWN_SEAT: ${mspId} has no ordering seat in the channel's configuration`);
    }
    const { basis } = seatPowers(present.consensus.metadata) ?? {};
    const renewed = seats.map((seat) =>
        seat.mspId === mspId ? { ...seat, identityPem, serverTlsPem: tlsPem, clientTlsPem: tlsPem } : seat,
    );
    changeSeats(present, after, { kind: 'seats', seats: renewed, ...(basis === undefined ? {} : { basis }) });
}

/**
 * Changes a copy of the channel's group: powers, engines, consenter mapping, organisations and the policies that count the powers, all
 * at once. Throws MembershipRefused in the words that the ordering service would refuse it with.
 */
export function changeSeats(present: Bundle, after: common.ConfigGroup, { seats, basis }: SeatsChange): void {
    if (seats.length === 0) throw new MembershipRefused('NO_POWER: the powers sum to zero');
    const ordering = groupOf(after, ORDERER);
    const values = ordering.getValuesMap();
    const type = orderer.ConsensusType.deserializeBinary(
        values.get('ConsensusType')?.getValue_asU8() ?? new Uint8Array(),
    );
    const powers = seats.map(({ mspId, weight, cluster, engine }) => ({
        mspId,
        power: weight,
        ...(cluster && { cluster }),
        ...(engine && { engine }),
    }));
    type.setMetadata(
        withSeatPowers(type.getMetadata_asU8(), { seats: powers, ...(basis === undefined ? {} : { basis }) }),
    );
    values.get('ConsensusType')?.setValue(type.serializeBinary());
    values.get('Orderers')?.setValue(consenterMapping(seats).serializeBinary());
    for (const [name, role] of [
        ['BlockValidation', 'orderer'],
        ['Admins', 'admin'],
    ] as const) {
        ordering.getPoliciesMap().get(name)?.getPolicy()?.setValue(seatPolicy(seats, role).serializeBinary());
    }
    seatOrganisations(groupOf(after, APPLICATION), ordering, seats);
    assertAccepted(present, after);
}

/** Orderers stand in groups of their own: newcomers' are made from what they are as members. */
function seatOrganisations(
    application: common.ConfigGroup,
    ordering: common.ConfigGroup,
    seats: readonly OrderingSeat[],
): void {
    const groups = ordering.getGroupsMap();
    const seated = new Set(seats.map(({ mspId }) => mspId));
    for (const [name] of mapEntries(groups)) {
        if (!seated.has(name)) groups.del(name);
    }
    for (const { mspId, host, port } of seats) {
        if (groups.has(mspId)) continue;
        const value = application.getGroupsMap().get(mspId)?.getValuesMap().get(MSP)?.getValue_asU8();
        if (value === undefined) throw new MembershipRefused(`UNKNOWN_SEAT: ${mspId} is no member of the channel`);
        const definition = {
            mspId,
            groupName: mspId,
            mspConfig: msp.MSPConfig.deserializeBinary(value),
            anchorPeers: [],
            ordererEndpoints: [`${host}:${port}`],
        };
        groups.set(mspId, ordererOrganisation(definition));
    }
}

function assertAccepted(present: Bundle, after: common.ConfigGroup): void {
    const config = new common.Config();
    config.setSequence(present.sequence + 1);
    config.setChannelGroup(after);
    try {
        assertSeats(present, new Bundle(present.channelId, config));
    } catch (error) {
        throw error instanceof Refused ? new MembershipRefused(error.message) : error;
    }
}

function groupOf(channel: common.ConfigGroup, name: string): common.ConfigGroup {
    const found = mapEntries(channel.getGroupsMap()).find(([key]) => key === name);
    if (found === undefined) throw new MembershipRefused(`the channel has no group ${name}`);
    return found[1];
}
