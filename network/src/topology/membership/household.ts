import { existsSync } from 'node:fs';
import { seenByNodes } from '../compose/names';
import { LifecycleClient, type Definition } from '../deploy/lifecycle-client';
import { chaincodePackage } from '../deploy/package';
import type { HomeDescription } from '../assemble';
import { organisationDefinition } from '../genesis';
import { generateIdentities } from '../identities/generate';
import { mspConfigOf } from '../identities/msp-config';
import { renewIdentities } from '../identities/renewal';
import type { Layout } from '../layout';
import { fabricPeers } from '../network-kind';
import { organisation, type Organisation, type Topology } from '../topology';
import { readTopology, writeTopology } from '../topology-file';
import { alone } from './alone';
import type { MembershipChange } from './change';
import { configurationAt, untilConfigured } from './channel';
import { changeMembership, type ConsentOptions } from './consent';
import { assertNewcomer } from './newcomer';
import { endPeer, followTopology } from './processes';
import { announcedPorts, domainOf, mspIdOfHousehold, withHousehold, withoutHousehold } from './roster';

export interface MembershipOptions {
    /** One line per step, for people. */
    readonly onProgress?: (step: string) => void;
    /** Default 60 s. */
    readonly limitMs?: number;
    /** Called between every two steps that leave something behind: tests break off there. */
    readonly reached?: (step: string) => void;
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
    const hadLedger = existsSync(layout.ledger(home.id));
    const known = before.organisations.find(({ id }) => id === home.id);
    if (known === undefined) assertNewcomer(home, before);
    const members = before.organisations.filter(({ id }) => id !== home.id);
    const present = await presentConfiguration(members, before, layout);
    const after = known === undefined ? withHousehold(before, home, announcedPorts(present)) : before;
    const newcomer = organisation(after, home.id);
    await generateIdentities(after, layout);
    consent.progress(`${newcomer.id} has identities of its own`);
    consent.reached('identities are made');
    if (!present.applicationOrgs.has(newcomer.mspId)) {
        const change: MembershipChange = {
            kind: 'joins',
            organisation: organisationDefinition(organisation(seenByNodes(after), home.id), layout),
        };
        await changeMembership(change, members, before, layout, consent);
    }
    writeTopology(after, layout);
    consent.reached('the topology is written');
    await followTopology(after, layout, consent);
    consent.reached('the peer runs');
    const { sequence } = await presentConfiguration(members, before, layout);
    await untilConfigured(newcomer, sequence, after, layout, consent.deadline);
    if (hadLedger && fabricPeers(after).includes(newcomer)) {
        // While it catches up with the time in which it was no member, Fabric's peer forgets which chaincodes it runs.
        await endPeer(newcomer, layout);
        await followTopology(after, layout, consent);
        await untilConfigured(newcomer, sequence, after, layout, consent.deadline);
    }
    consent.progress(`the peer of ${newcomer.id} has all blocks`);
    await takeUpChaincodes(newcomer, after, layout, consent);
    return after;
}

/**
 * Takes a household out of a network that runs: its organisation and its weight in the policies; then its peer ends. Its keys and its
 * ledger stay with it. Nothing that it signed or wrote is undone. Done again after it broke off, it does the rest.
 *
 * @returns the topology without the household.
 */
export function removeHousehold(id: string, layout: Layout, options: MembershipOptions = {}): Promise<Topology> {
    return alone(layout, () => takeOut(id, layout, options));
}

async function takeOut(id: string, layout: Layout, options: MembershipOptions): Promise<Topology> {
    const consent = consentOptions(options);
    const before = readTopology(layout);
    const known = before.organisations.find((each) => each.id === id);
    const leaver = known ?? formerMember(id, before, layout);
    const after = known === undefined ? before : withoutHousehold(before, id);
    const present = await presentConfiguration(after.organisations, after, layout);
    if (present.applicationOrgs.has(leaver.mspId)) {
        const change: MembershipChange = { kind: 'leaves', mspId: leaver.mspId };
        await changeMembership(change, after.organisations, after, layout, consent);
    }
    writeTopology(after, layout);
    consent.reached('the topology is written');
    await followTopology(after, layout, consent);
    consent.progress(`the peer of ${leaver.id} has ended; its keys and its ledger are kept`);
    return after;
}

/**
 * Who is not in the topology any more, or not yet, but has identities here: its removal broke off near the end, or its admission did. Throws
 * Error for others.
 */
function formerMember(id: string, topology: Topology, layout: Layout): Pick<Organisation, 'id' | 'mspId'> {
    const domain = domainOf(id, topology);
    return existsSync(layout.organisation({ domain }).directory)
        ? { id, mspId: mspIdOfHousehold(id) }
        : organisation(topology, id);
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
    consent.reached('certificates are renewed');
    await endPeer(member, layout);
    consent.reached('the peer has ended');
    await followTopology(topology, layout, consent);
    const { sequence } = await presentConfiguration(
        topology.organisations.filter((each) => each !== member),
        topology,
        layout,
    );
    await untilConfigured(member, sequence, topology, layout, consent.deadline);
    consent.reached('the peer runs');
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
    { progress, reached }: ConsentOptions,
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
            reached(`${definition.name} is installed`);
            const isApproved = approvals.some(
                (each) => each.name === definition.name && each.sequence === definition.sequence,
            );
            if (!isApproved) await approve(client, definition, packageId);
            reached(`${definition.name} is approved`);
            progress(`${newcomer.id} runs ${definition.name}, sequence ${definition.sequence}`);
        }
    } finally {
        client.close();
    }
}

/** An approval that was sent before, by whoever broke off since, is one too. */
async function approve(client: LifecycleClient, definition: Definition, packageId: string): Promise<void> {
    try {
        await client.approve(definition, packageId);
    } catch (error) {
        const approvals = await client.approvals();
        const { name, sequence } = definition;
        if (!approvals.some((each) => each.name === name && each.sequence === sequence)) throw error;
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

export function consentOptions({ onProgress, limitMs = LIMIT_MS, reached }: MembershipOptions): ConsentOptions {
    const deadline = AbortSignal.timeout(limitMs);
    const nothing = (): void => undefined;
    return { progress: onProgress ?? nothing, deadline, reached: reached ?? nothing };
}
