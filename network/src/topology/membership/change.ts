import { common, msp } from '@hyperledger/fabric-protos';
import {
    applicationOrganisation,
    overAdmins,
    type Bundle,
    type OrganisationDefinition,
} from '../../fabric/channel-config';
import { computeConfigUpdate } from '../../fabric/config-update';
import { Msp } from '../../fabric/msp';
import { signaturePolicyEnvelope } from '../../fabric/policy';
import { mapEntries } from '../../fabric/wire';
import { governancePolicy, marketPolicy, type Endorsers } from '../policies';
import { MembershipRefused } from './refused';
import {
    areSeated,
    changeSeats,
    isSeatRenewed,
    renewSeat,
    seatsInWords,
    type SeatRenewal,
    type SeatsChange,
} from './seat-change';

/** What a change of the membership says of itself, in the words that members judge it by. */
export type MembershipChange =
    | { readonly kind: 'joins'; readonly organisation: OrganisationDefinition }
    | { readonly kind: 'leaves'; readonly mspId: string }
    /** New roots or revocations of a member, by itself. */
    | { readonly kind: 'renews'; readonly mspId: string; readonly mspConfig: msp.MSPConfig }
    | SeatsChange
    | SeatRenewal;

export { MembershipRefused };

const APPLICATION = 'Application';
const ORDERER = 'Orderer';
const MSP = 'MSP';
const FEWEST_HOUSEHOLDS = 1;

export function inWords(change: MembershipChange): string {
    switch (change.kind) {
        case 'joins':
            return `${change.organisation.mspId} joins`;
        case 'seats':
            return seatsInWords(change);
        case 'renewsSeat':
            return `${change.mspId} renews the certificates of its seat`;
        case 'leaves':
        case 'renews':
            return `${change.mspId} ${change.kind}`;
    }
}

/**
 * The update that makes a change and nothing else: a function of the present configuration and the change alone, so that every
 * member can compute it for itself. Who joins or leaves changes the list of organisations and the policies that count them: those of
 * both chaincodes, and the administrators' who may change all this.
 *
 * Throws MembershipRefused.
 */
export function updateFor(present: Bundle, change: MembershipChange): Uint8Array {
    const before = present.config.getChannelGroup() ?? new common.ConfigGroup();
    const after = common.ConfigGroup.deserializeBinary(before.serializeBinary());
    switch (change.kind) {
        case 'joins':
            join(present, after, change.organisation);
            break;
        case 'leaves':
            leave(present, after, change.mspId);
            break;
        case 'renews':
            renew(present, after, change);
            break;
        case 'seats':
            changeSeats(present, after, change);
            break;
        case 'renewsSeat':
            renewSeat(present, after, change);
            break;
    }
    return computeConfigUpdate(present.channelId, before, after).serializeBinary();
}

/** Whether the channel's configuration is as the change makes it. */
export function isMade(present: Bundle, change: MembershipChange): boolean {
    switch (change.kind) {
        case 'joins':
            return present.applicationOrgs.has(change.organisation.mspId);
        case 'leaves':
            return !present.applicationOrgs.has(change.mspId);
        case 'renews':
            return Buffer.compare(mspBytes(present, change.mspId), change.mspConfig.serializeBinary()) === 0;
        case 'seats':
            return areSeated(present, change);
        case 'renewsSeat':
            return isSeatRenewed(present, change);
    }
}

function mspBytes(present: Bundle, mspId: string): Uint8Array {
    const name = present.applicationOrgs.get(mspId)?.groupName ?? '';
    const channel = present.config.getChannelGroup() ?? new common.ConfigGroup();
    const own = groupOf(channel, APPLICATION).getGroupsMap().get(name)?.getValuesMap().get(MSP);
    return own?.getValue_asU8() ?? new Uint8Array();
}

/** What a member asks before it signs: that the update does what the change says, to its own view of the channel, and no more. */
export function assertSays(present: Bundle, update: Uint8Array, change: MembershipChange): void {
    if (Buffer.compare(update, updateFor(present, change)) !== 0) {
        throw new MembershipRefused(
            `the update is not the one that says '${inWords(change)}' and nothing else, seen from configuration ${present.sequence}`,
        );
    }
}

/** The organisations that the channel's own policies count. Throws MembershipRefused where they are not a community's. */
export function endorsersOf(present: Bundle): Endorsers {
    const [operator = '', ...households] = rolesIn(policyBytes(present, 'Market'));
    const endorsers = { operator, households };
    const expected = policiesOf(endorsers);
    for (const [name, policy] of expected) {
        if (Buffer.compare(policyBytes(present, name), policy.serializeBinary()) !== 0) {
            throw new MembershipRefused(`the channel's policy ${name} is not a community's: change it by hand`);
        }
    }
    const counted = [operator, ...households].toSorted();
    const members = [...present.applicationOrgs.keys()].toSorted();
    if (counted.join() !== members.join()) {
        throw new MembershipRefused(`the policies count ${counted.join(', ')}, the channel has ${members.join(', ')}`);
    }
    return endorsers;
}

function join(present: Bundle, after: common.ConfigGroup, organisation: OrganisationDefinition): void {
    const { mspId, groupName, mspConfig, ordererEndpoints = [] } = organisation;
    const { operator, households } = endorsersOf(present);
    if (present.msps.get(mspId) !== undefined || present.applicationOrgs.has(mspId)) {
        throw new MembershipRefused(`${mspId} is on the channel`);
    }
    if (groupName !== mspId || ordererEndpoints.length > 0) {
        throw new MembershipRefused(
            `${mspId} joins as a household: in a group of its own name, without an ordering seat`,
        );
    }
    const own = new Msp(mspConfig);
    if (own.mspId !== mspId) throw new MembershipRefused(`the MSP of ${mspId} calls itself ${own.mspId}`);
    const borrowed = present.msps.mspIds.find((other) =>
        present.msps.get(other)?.roots.some((root) => own.roots.includes(root)),
    );
    if (borrowed !== undefined) throw new MembershipRefused(`${mspId} shows the authority of ${borrowed} as its own`);
    groupOf(after, APPLICATION).getGroupsMap().set(groupName, applicationOrganisation(organisation));
    setPolicies(after, { operator, households: [...households, mspId] });
}

function leave(present: Bundle, after: common.ConfigGroup, mspId: string): void {
    const { operator, households } = endorsersOf(present);
    if (!households.includes(mspId)) throw new MembershipRefused(`${mspId} is no household on the channel`);
    if (present.ordererEndpoints.some((endpoint) => endpoint.mspId === mspId)) {
        throw new MembershipRefused(`${mspId} has an ordering seat: another member has to take it over first`);
    }
    const remaining = households.filter((each) => each !== mspId);
    if (remaining.length < FEWEST_HOUSEHOLDS) throw new MembershipRefused(`${mspId} is the last household`);
    groupOf(after, APPLICATION)
        .getGroupsMap()
        .del(present.applicationOrgs.get(mspId)?.groupName ?? mspId);
    setPolicies(after, { operator, households: remaining });
}

function renew(
    present: Bundle,
    after: common.ConfigGroup,
    { mspId, mspConfig }: MembershipChange & { kind: 'renews' },
): void {
    const name = present.applicationOrgs.get(mspId)?.groupName;
    if (name === undefined) throw new MembershipRefused(`${mspId} is not on the channel`);
    if (new Msp(mspConfig).mspId !== mspId) throw new MembershipRefused(`another MSP than that of ${mspId}`);
    for (const section of [APPLICATION, ORDERER]) {
        const value = groupOf(after, section).getGroupsMap().get(name)?.getValuesMap().get(MSP);
        value?.setValue(mspConfig.serializeBinary());
    }
}

function setPolicies(channel: common.ConfigGroup, endorsers: Endorsers): void {
    const policies = groupOf(channel, APPLICATION).getPoliciesMap();
    for (const [name, envelope] of policiesOf(endorsers)) {
        policies.get(name)?.getPolicy()?.setValue(envelope.serializeBinary());
    }
}

function policiesOf(endorsers: Endorsers): ReadonlyMap<string, common.SignaturePolicyEnvelope> {
    const governance = signaturePolicyEnvelope(governancePolicy(endorsers));
    return new Map([
        ['Governance', governance],
        ['Market', signaturePolicyEnvelope(marketPolicy(endorsers))],
        ['Admins', overAdmins(governance)],
    ]);
}

function policyBytes(present: Bundle, name: string): Uint8Array {
    const channel = present.config.getChannelGroup() ?? new common.ConfigGroup();
    const policy = groupOf(channel, APPLICATION).getPoliciesMap().get(name)?.getPolicy();
    if (policy === undefined) throw new MembershipRefused(`the channel has no policy ${name}`);
    return policy.getValue_asU8();
}

function rolesIn(policy: Uint8Array): readonly string[] {
    return common.SignaturePolicyEnvelope.deserializeBinary(policy)
        .getIdentitiesList()
        .map((principal) => msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8()).getMspIdentifier());
}

function groupOf(channel: common.ConfigGroup, name: string): common.ConfigGroup {
    const found = mapEntries(channel.getGroupsMap()).find(([key]) => key === name);
    if (found === undefined) throw new MembershipRefused(`the channel has no group ${name}`);
    return found[1];
}
