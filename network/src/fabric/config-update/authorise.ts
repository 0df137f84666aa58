import { common } from '@hyperledger/fabric-protos';
import type { Bundle } from '../channel-config';
import type { Policy, PolicyTree, SignedData } from '../policy';
import { concat, decode } from '../wire';
import { assertConfigId, channelGroupOf, elementName, elementsOf, type Element, type Elements } from './elements';
import { ConfigUpdateRefused } from './refused';

/**
 * The configuration that an update makes of the present one, if it may. Fabric's rules: what was read has the versions it was read at;
 * what is written anew has version 0, what is changed the next one, and the signatures satisfy the policy that the present
 * configuration names for each changed element. A group changes when its list of members does, so taking one out is a change of its
 * group.
 *
 * Throws ConfigUpdateRefused, and FormatError for what cannot be read. Whether the result is a sound configuration is another
 * question: see `successor`.
 */
export function authorisedConfig(bundle: Bundle, envelope: common.ConfigUpdateEnvelope): common.Config {
    const update = decode(common.ConfigUpdate, envelope.getConfigUpdate_asU8(), 'configuration update');
    if (update.getChannelId() !== bundle.channelId) {
        throw new ConfigUpdateRefused(
            `the update is for channel '${update.getChannelId()}', this is '${bundle.channelId}'`,
        );
    }
    const present = elementsOf(bundle.config.getChannelGroup());
    const read = elementsOf(update.getReadSet());
    checkReadSet(read, present);
    const written = elementsOf(update.getWriteSet());
    const changed = changes(read, written);
    checkChanges(changed, present, bundle.policies, signedData(envelope));
    const next: Elements = new Map([...present, ...changed]);
    for (const name of written.keys()) {
        if (!next.has(name)) throw new ConfigUpdateRefused(`${name} is written, but is not there afterwards`);
    }
    const config = new common.Config();
    config.setSequence(bundle.sequence + 1);
    config.setChannelGroup(channelGroupOf(next));
    return config;
}

function checkReadSet(read: Elements, present: Elements): void {
    for (const [name, { message }] of read) {
        const existing = present.get(name);
        if (existing === undefined)
            throw new ConfigUpdateRefused(`the update was made for ${name}, which is not there`);
        if (existing.message.getVersion() !== message.getVersion()) {
            throw new ConfigUpdateRefused(
                `the update was made for version ${message.getVersion()} of ${name}, which is at version ${existing.message.getVersion()}`,
            );
        }
    }
}

/** What is written at another version than it was read at, or was not read. */
function changes(read: Elements, written: Elements): Elements {
    return new Map(
        [...written].filter(([name, { message }]) => read.get(name)?.message.getVersion() !== message.getVersion()),
    );
}

function checkChanges(
    changed: Elements,
    present: Elements,
    policies: PolicyTree,
    signatures: readonly SignedData[],
): void {
    if (changed.size === 0) throw new ConfigUpdateRefused('the update changes nothing');
    for (const [name, { message }] of changed) {
        checkModPolicy(name, message.getModPolicy());
        const existing = present.get(name);
        const version = message.getVersion();
        if (existing === undefined) {
            if (version !== 0) throw new ConfigUpdateRefused(`${name} is new, so its version is 0 and not ${version}`);
            continue;
        }
        const expected = existing.message.getVersion() + 1;
        if (version !== expected) {
            throw new ConfigUpdateRefused(`${name} would get version ${version}, the next one is ${expected}`);
        }
        checkSignatures(existing, policies, signatures);
    }
}

function checkModPolicy(name: string, modPolicy: string): void {
    const path = modPolicy.startsWith('/') ? modPolicy.slice(1) : modPolicy;
    try {
        path.split('/').forEach(assertConfigId);
    } catch {
        throw new ConfigUpdateRefused(`${name} would be changed by '${modPolicy}', which cannot name a policy`);
    }
}

function checkSignatures(existing: Element, policies: PolicyTree, signatures: readonly SignedData[]): void {
    const name = elementName(existing);
    const policy = changingPolicy(existing, policies);
    if (policy === undefined) {
        throw new ConfigUpdateRefused(`${name} is changed by ${existing.message.getModPolicy()}, which is no policy`);
    }
    if (!policy.evaluate(signatures)) {
        throw new ConfigUpdateRefused(
            `the signatures do not satisfy ${existing.message.getModPolicy()}, the policy that changes ${name}`,
        );
    }
}

/** The policy that an element names: absolute, or as seen from the group that holds it; a group looks from inside itself. */
export function changingPolicy({ kind, path, key, message }: Element, policies: PolicyTree): Policy | undefined {
    const modPolicy = message.getModPolicy();
    if (modPolicy.startsWith('/')) return policies.find(modPolicy);
    const around = [...path, ...(kind === 'group' ? [key] : [])].slice(1);
    return policies.find([...around, modPolicy].join('/'));
}

/** Each signature is over its own header and the update. */
function signedData(envelope: common.ConfigUpdateEnvelope): readonly SignedData[] {
    const update = envelope.getConfigUpdate_asU8();
    return envelope.getSignaturesList().map((signature) => {
        const header = signature.getSignatureHeader_asU8();
        return {
            identity: decode(common.SignatureHeader, header, 'signature header of an update').getCreator_asU8(),
            data: concat(header, update),
            signature: signature.getSignature_asU8(),
        };
    });
}
