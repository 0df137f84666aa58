import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { common } from '@hyperledger/fabric-protos';
import type { Bundle } from '../../fabric/channel-config';
import { configUpdateEnvelope, signConfigUpdate } from '../../fabric/config-update';
import { signingIdentity, type SigningIdentity } from '../../fabric/signing';
import type { Layout } from '../layout';
import type { Organisation, Topology } from '../topology';
import { assertSays, isMade, updateFor, type MembershipChange } from './change';
import { configurationAt, order, untilConfigured, type Submitter } from './channel';

/** What a member's agent answers when it is asked to agree to a change. */
type Consent =
    | { readonly member: string; readonly signature: common.ConfigSignature }
    | { readonly member: string; readonly refusal: string };

export interface ConsentOptions {
    readonly progress: (step: string) => void;
    readonly deadline: AbortSignal;
    /** Called between every two steps that leave something behind: tests break off there. */
    readonly reached: (step: string) => void;
}

/** What a member looks into besides the bytes of the update; throws what it says instead of signing. */
export type Agreement = (member: Organisation) => Promise<void>;

/** How long an update that was sent before may take to be in force. */
const EARLIER_UPDATE_MS = 5_000;
const POLL_MS = 50;

/**
 * Has the channel's configuration changed: computes the update, asks each of these members to check and sign it, hands it to the ordering
 * service and waits until the members' peers have it. In a community every member does its part at home; here all of them run in
 * one place, each with its own peer's view and its own key.
 */
export async function changeMembership(
    change: MembershipChange,
    members: readonly Organisation[],
    topology: Topology,
    layout: Layout,
    options: ConsentOptions,
    agrees: Agreement = () => Promise.resolve(),
): Promise<void> {
    const { progress, deadline, reached } = options;
    const [first] = members;
    if (first === undefined) throw new Error('nobody is there to agree');
    const present = await configurationAt(first, topology, layout);
    // Sent before, by whoever broke off since.
    if (isMade(present, change)) return;
    const update = updateFor(present, change);
    const answers = await Promise.all(
        members.map((member) => consentOf(member, update, change, topology, layout, agrees)),
    );
    const signatures = answers.flatMap((answer) => ('signature' in answer ? [answer.signature] : []));
    for (const answer of answers) {
        if ('refusal' in answer) progress(`${answer.member} does not sign: ${answer.refusal}`);
    }
    progress(`${signatures.length} of ${members.length} members checked the update and signed it`);
    reached('the update is signed');
    const envelope = configUpdateEnvelope(topology.channel, update, signatures, adminOf(first, layout));
    const submitter = { organisation: first, topology, layout };
    try {
        await order(envelope, present, submitter);
    } catch (error) {
        if (!(await wasMadeBefore(change, present, submitter))) throw error;
        progress('the update that was sent before has been ordered');
    }
    reached('the update is ordered');
    // Who could not be asked catches up when it is there again.
    const asked = members.filter(({ id }) => answers.some((answer) => answer.member === id && 'signature' in answer));
    await Promise.all(asked.map((each) => untilConfigured(each, present.sequence + 1, topology, layout, deadline)));
    progress(`configuration ${present.sequence + 1} is in force`);
    reached('the update is in force');
}

/** Whether the ordering service refuses an update because it is on its way already: whoever sent it has broken off since. */
async function wasMadeBefore(
    change: MembershipChange,
    before: Bundle,
    { organisation, topology, layout }: Submitter,
): Promise<boolean> {
    const limit = performance.now() + EARLIER_UPDATE_MS;
    while (performance.now() < limit) {
        const present = await configurationAt(organisation, topology, layout);
        if (present.sequence > before.sequence) return isMade(present, change);
        await sleep(POLL_MS);
    }
    return false;
}

/** A member signs what it has computed itself from its own peer's configuration, and nothing else. */
async function consentOf(
    member: Organisation,
    update: Uint8Array,
    change: MembershipChange,
    topology: Topology,
    layout: Layout,
    agrees: Agreement,
): Promise<Consent> {
    try {
        const present: Bundle = await configurationAt(member, topology, layout);
        assertSays(present, update, change);
        await agrees(member);
        return { member: member.id, signature: signConfigUpdate(update, adminOf(member, layout)) };
    } catch (error) {
        return { member: member.id, refusal: error instanceof Error ? error.message : String(error) };
    }
}

function adminOf(organisation: Organisation, layout: Layout): SigningIdentity {
    const { certificate, key } = layout.organisation(organisation).admin;
    return signingIdentity(organisation.mspId, readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8'));
}
