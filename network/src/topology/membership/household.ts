import { seenByNodes } from '../compose/names';
import { LifecycleClient } from '../deploy/lifecycle-client';
import { chaincodePackage } from '../deploy/package';
import type { HomeDescription } from '../assemble';
import { organisationDefinition } from '../genesis';
import { generateIdentities } from '../identities/generate';
import { mspConfigOf } from '../identities/msp-config';
import { renewIdentities } from '../identities/renewal';
import type { Layout } from '../layout';
import { organisation, type Organisation, type Topology } from '../topology';
import { readTopology, writeTopology } from '../topology-file';
import { alone } from './alone';
import type { MembershipChange } from './change';
import { configurationAt, untilConfigured } from './channel';
import { changeMembership, type ConsentOptions } from './consent';
import { assertNewcomer } from './newcomer';
import { endPeer, followTopology } from './processes';
import { withHousehold, withoutHousehold } from './roster';

export interface MembershipOptions {
    /** One line per step, for people. */
    readonly onProgress?: (step: string) => void;
    /** Default 60 s. */
    readonly limitMs?: number;
}

const LIMIT_MS = 60_000;

/**
 * Takes a household into a network that runs: identities, the channel's configuration with the members' signatures, its peer, the
 * chaincodes. Done again after it broke off, it does the rest. Whether the household may trade is the community's to decide: this makes
 * it a member of the channel, admission makes it a member of the market.
 *
 * @returns the topology with the household.
 * @throws Error naming what is in the way.
 */
export function addHousehold(
    home: HomeDescription,
    layout: Layout,
    options: MembershipOptions = {},
): Promise<Topology> {
    return alone(layout, () => takeIn(home, layout, options));
}

async function takeIn(home: HomeDescription, layout: Layout, options: MembershipOptions): Promise<Topology> {
    const consent = consentOptions(options);
    const before = readTopology(layout);
    const known = before.organisations.find(({ id }) => id === home.id);
    if (known === undefined) assertNewcomer(home, before);
    const after = known === undefined ? withHousehold(before, home) : before;
    const newcomer = organisation(after, home.id);
    await generateIdentities(after, layout);
    consent.progress(`${newcomer.id} has identities of its own`);
    const members = before.organisations.filter(({ id }) => id !== newcomer.id);
    const present = await presentConfiguration(members, before, layout);
    if (!present.applicationOrgs.has(newcomer.mspId)) {
        const change: MembershipChange = {
            kind: 'joins',
            organisation: organisationDefinition(organisation(seenByNodes(after), home.id), layout),
        };
        await changeMembership(change, members, before, layout, consent);
    }
    writeTopology(after, layout);
    await followTopology(after, layout, consent);
    const { sequence } = await presentConfiguration(members, before, layout);
    await untilConfigured(newcomer, sequence, after, layout, consent.deadline);
    consent.progress(`the peer of ${newcomer.id} has all blocks`);
    await takeUpChaincodes(newcomer, after, layout, consent);
    return after;
}

/**
 * Takes a household out of a network that runs: its organisation and its weight in the policies; then its peer ends. Its keys and its
 * ledger stay with it. Nothing that it signed or wrote is undone.
 *
 * @returns the topology without the household.
 */
export function removeHousehold(id: string, layout: Layout, options: MembershipOptions = {}): Promise<Topology> {
    return alone(layout, () => takeOut(id, layout, options));
}

async function takeOut(id: string, layout: Layout, options: MembershipOptions): Promise<Topology> {
    const consent = consentOptions(options);
    const before = readTopology(layout);
    const leaver = organisation(before, id);
    const after = withoutHousehold(before, id);
    const present = await presentConfiguration(after.organisations, after, layout);
    if (present.applicationOrgs.has(leaver.mspId)) {
        const change: MembershipChange = { kind: 'leaves', mspId: leaver.mspId };
        await changeMembership(change, after.organisations, after, layout, consent);
    }
    writeTopology(after, layout);
    await followTopology(after, layout, consent);
    consent.progress(`the peer of ${leaver.id} has ended; its keys and its ledger are kept`);
    return after;
}

/**
 * New certificates for a member, and the channel told that those before count no more. The member does this alone: its own
 * administrator may change its own group.
 */
export function renewMember(id: string, layout: Layout, options: MembershipOptions = {}): Promise<void> {
    return alone(layout, () => renew(id, layout, options));
}

async function renew(id: string, layout: Layout, options: MembershipOptions): Promise<void> {
    const consent = consentOptions(options);
    const topology = readTopology(layout);
    const member = organisation(topology, id);
    await renewIdentities(member, layout);
    consent.progress(`${id} has new certificates; its peer starts with them`);
    await endPeer(member, layout);
    await followTopology(topology, layout, consent);
    const { sequence } = await presentConfiguration(
        topology.organisations.filter((each) => each !== member),
        topology,
        layout,
    );
    await untilConfigured(member, sequence, topology, layout, consent.deadline);
    const change: MembershipChange = {
        kind: 'renews',
        mspId: member.mspId,
        mspConfig: mspConfigOf(member, layout),
    };
    await changeMembership(change, [member], topology, layout, consent);
    consent.progress(`the certificates that ${id} had before are revoked`);
}

/** Installs what the channel runs, and approves it as it was committed: definitions stay as they are. */
async function takeUpChaincodes(
    newcomer: Organisation,
    topology: Topology,
    layout: Layout,
    { progress }: ConsentOptions,
): Promise<void> {
    const client = new LifecycleClient(topology, layout, newcomer);
    try {
        const [committed, installed, approvals] = await Promise.all([
            client.committedDefinitions(),
            client.installedPackages(),
            client.approvals(),
        ]);
        for (const chaincode of topology.chaincodes) {
            const definition = committed.find(({ name }) => name === chaincode.name);
            if (definition === undefined) continue;
            const { packageId, bytes } = await chaincodePackage(chaincode, layout);
            if (!installed.includes(packageId)) await client.install(bytes);
            const isApproved = approvals.some(
                (each) => each.name === definition.name && each.sequence === definition.sequence,
            );
            if (!isApproved) await client.approve(definition, packageId);
            progress(`${newcomer.id} runs ${definition.name}, sequence ${definition.sequence}`);
        }
    } finally {
        client.close();
    }
}

async function presentConfiguration(
    members: readonly Organisation[],
    topology: Topology,
    layout: Layout,
): ReturnType<typeof configurationAt> {
    const [first] = members;
    if (first === undefined) throw new Error('the community has no other member');
    return configurationAt(first, topology, layout);
}

export function consentOptions({ onProgress, limitMs = LIMIT_MS }: MembershipOptions): ConsentOptions {
    const deadline = AbortSignal.timeout(limitMs);
    return { progress: onProgress ?? ((): void => undefined), deadline };
}
