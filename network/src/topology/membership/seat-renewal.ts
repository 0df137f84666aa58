import type { Bundle } from '../../fabric/channel-config';
import { revokeRetired } from '../identities/renewal';
import { mspConfigOf } from '../identities/msp-config';
import { prepareSeatRenewal, takeUpSeatRenewal } from '../identities/seat-renewal';
import type { Layout } from '../layout';
import { organisation, seats, type Organisation, type Topology } from '../topology';
import { readTopology } from '../topology-file';
import { alone } from './alone';
import type { MembershipChange } from './change';
import { configurationAt } from './channel';
import { changeMembership } from './consent';
import { consentOptions, type MembershipOptions } from './household';
import { endSeat, followTopology } from './processes';
import { MembershipRefused } from './refused';

/**
 * New keys and certificates for an ordering seat: signing, TLS towards clients, and TLS towards the other seats, who know it by the
 * configuration alone. One configuration block names them, which the seats' administrators sign as they do for powers; the seat signs the
 * next block with the new key. Then its process is started anew, for its clients to see the new certificate, and the one before is revoked,
 * which the member does alone. Blocks are judged by the configuration of their time, so what was signed stays signed.
 *
 * Done again after it broke off, it does the rest; after the new keys are in their place, it makes newer ones.
 */
export function renewSeat(id: string, layout: Layout, options: MembershipOptions = {}): Promise<void> {
    return alone(layout, () => renew(id, layout, options));
}

async function renew(id: string, layout: Layout, options: MembershipOptions): Promise<void> {
    const consent = consentOptions(options);
    const { progress, reached } = consent;
    const topology = readTopology(layout);
    const member = seatOf(id, topology);
    const certificates = await prepareSeatRenewal(member, layout);
    progress(`the seat of ${id} has new keys beside those it signs with`);
    reached('the seat has new keys');
    // A renewal that broke off may have left the seat ended, and with it all of them where they share a process; and containers are
    // given the new keys here.
    await followTopology(topology, layout, consent);
    const [first] = seats(topology);
    const present = await configurationAt(first ?? member, topology, layout);
    const change: MembershipChange = { kind: 'renewsSeat', mspId: member.mspId, ...certificates };
    await changeMembership(change, seated(present, topology), topology, layout, consent);
    takeUpSeatRenewal(member, layout);
    reached('the new keys are in their place');
    await endSeat(member, topology, layout);
    reached('the seat has ended');
    await followTopology(topology, layout, consent);
    reached('the seat runs');
    await revokeRetired(member, layout);
    const revocation: MembershipChange = {
        kind: 'renews',
        mspId: member.mspId,
        mspConfig: mspConfigOf(member, layout),
    };
    await changeMembership(revocation, [member], topology, layout, consent);
    progress(`the seat of ${id} signs with its new key, and the certificate before is revoked`);
}

function seatOf(id: string, topology: Topology): Organisation {
    const member = organisation(topology, id);
    if (member.orderingSeat === undefined) throw new MembershipRefused(`UNKNOWN_SEAT: ${id} has no ordering seat`);
    if (topology.network.ordering === 'raft') {
        throw new MembershipRefused(
            "Fabric's own orderers are renewed with Fabric's tools, one channel update for each",
        );
    }
    return member;
}

/** The administrators whose signatures count. */
function seated({ consenters }: Bundle, { organisations }: Topology): readonly Organisation[] {
    return organisations.filter(({ mspId }) => consenters.some((consenter) => consenter.mspId === mspId));
}
