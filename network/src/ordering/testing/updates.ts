import { common, orderer } from '@hyperledger/fabric-protos';
import type { Bundle } from '../../fabric/channel-config';
import { computeConfigUpdate, configUpdateEnvelope, signConfigUpdate } from '../../fabric/config-update';
import type { SigningIdentity } from '../../fabric/signing';
import type { OrderingCommunity } from './community';

/** Changes a copy of the channel's group. */
export type Edit = (channel: common.ConfigGroup) => void;

export function group(channel: common.ConfigGroup, name: string): common.ConfigGroup {
    const found = channel.getGroupsMap().get(name);
    if (found === undefined) throw new Error(`no group ${name}`);
    return found;
}

/** The envelope of an update, signed by the administrators of these organisations. */
export function updateOf(
    community: OrderingCommunity,
    bundle: Bundle,
    edit: Edit,
    signers: readonly string[],
    by: SigningIdentity = community.admin('H1'),
): common.Envelope {
    const present = bundle.config.getChannelGroup() ?? new common.ConfigGroup();
    const edited = common.ConfigGroup.deserializeBinary(present.serializeBinary());
    edit(edited);
    const bytes = computeConfigUpdate(bundle.channelId, present, edited).serializeBinary();
    const signatures = signers.map((id) => signConfigUpdate(bytes, community.admin(id)));
    return configUpdateEnvelope(bundle.channelId, bytes, signatures, by);
}

/** As Go writes durations. */
export function batchTimeout(timeout: string): Edit {
    return (channel) => {
        const value = new orderer.BatchTimeout();
        value.setTimeout(timeout);
        group(channel, 'Orderer').getValuesMap().get('BatchTimeout')?.setValue(value.serializeBinary());
    };
}
