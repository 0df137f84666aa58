import { common } from '@hyperledger/fabric-protos';
import { mapEntries, sameBytes } from '../wire';
import { ConfigUpdateRefused } from './refused';

/** The part of an element that says whether it changed; its version says how often it did. */
interface Versioned {
    getVersion(): number;
    setVersion(version: number): void;
}

type Members<M> = ReadonlyMap<string, M>;

/** What one kind of a group's members contributes to both sides of an update. */
interface MembersUpdate<M> {
    readonly read: Map<string, M>;
    readonly write: Map<string, M>;
    /** Unchanged ones, by version only: they are listed where the list of members itself changes. */
    readonly same: Map<string, M>;
    readonly isListChanged: boolean;
}

interface GroupUpdate {
    readonly read: common.ConfigGroup;
    readonly write: common.ConfigGroup;
    readonly isChanged: boolean;
}

/**
 * The update that leads from one configuration to another, with the smallest read and write sets that say so: what Fabric's
 * `configtxlator compute_update` gives. Versions in `updated` do not count. Throws ConfigUpdateRefused where nothing changes.
 */
export function computeConfigUpdate(
    channelId: string,
    original: common.ConfigGroup,
    updated: common.ConfigGroup,
): common.ConfigUpdate {
    const { read, write, isChanged } = updateOfGroup(original, updated);
    if (!isChanged) throw new ConfigUpdateRefused('the two configurations do not differ');
    const update = new common.ConfigUpdate();
    update.setChannelId(channelId);
    update.setReadSet(read);
    update.setWriteSet(write);
    return update;
}

function updateOfGroup(original: common.ConfigGroup, updated: common.ConfigGroup): GroupUpdate {
    const policies = updateOfLeaves(policiesOf(original), policiesOf(updated), isSamePolicy, common.ConfigPolicy);
    const values = updateOfLeaves(valuesOf(original), valuesOf(updated), isSameValue, common.ConfigValue);
    const groups = updateOfGroups(groupsOf(original), groupsOf(updated));
    const parts = [policies, values, groups];
    const isOwnChange =
        parts.some(({ isListChanged }) => isListChanged) || original.getModPolicy() !== updated.getModPolicy();
    const isChanged = isOwnChange || parts.some(({ write }) => write.size > 0);
    const side = (which: 'read' | 'write'): common.ConfigGroup => {
        const group = new common.ConfigGroup();
        group.setVersion(original.getVersion());
        put(group.getPoliciesMap(), policies, which, isOwnChange);
        put(group.getValuesMap(), values, which, isOwnChange);
        put(group.getGroupsMap(), groups, which, isOwnChange);
        return group;
    };
    const write = side('write');
    if (isOwnChange) {
        write.setVersion(original.getVersion() + 1);
        write.setModPolicy(updated.getModPolicy());
    }
    return { read: side('read'), write, isChanged };
}

function put<M>(
    target: { set(key: string, value: M): unknown },
    members: MembersUpdate<M>,
    which: 'read' | 'write',
    withSame: boolean,
): void {
    for (const [name, member] of [...members[which], ...(withSame ? members.same : [])]) target.set(name, member);
}

function updateOfLeaves<M extends Versioned & { serializeBinary(): Uint8Array }>(
    original: Members<M>,
    updated: Members<M>,
    isSame: (one: M, other: M) => boolean,
    type: { new (): M; deserializeBinary(bytes: Uint8Array): M },
): MembersUpdate<M> {
    const write = new Map<string, M>();
    const same = new Map<string, M>();
    for (const [name, next] of updated) {
        const before = original.get(name);
        if (before !== undefined && isSame(before, next)) {
            const unchanged = new type();
            unchanged.setVersion(before.getVersion());
            same.set(name, unchanged);
        } else {
            const changed = type.deserializeBinary(next.serializeBinary());
            changed.setVersion(before === undefined ? 0 : before.getVersion() + 1);
            write.set(name, changed);
        }
    }
    return { read: new Map(), write, same, isListChanged: isOtherList(original, updated) };
}

function updateOfGroups(
    original: Members<common.ConfigGroup>,
    updated: Members<common.ConfigGroup>,
): MembersUpdate<common.ConfigGroup> {
    const read = new Map<string, common.ConfigGroup>();
    const write = new Map<string, common.ConfigGroup>();
    const same = new Map<string, common.ConfigGroup>();
    for (const [name, next] of updated) {
        const before = original.get(name);
        const update = updateOfGroup(before ?? new common.ConfigGroup(), next);
        if (before === undefined) {
            update.write.setVersion(0);
            update.write.setModPolicy(next.getModPolicy());
            write.set(name, update.write);
        } else if (update.isChanged) {
            read.set(name, update.read);
            write.set(name, update.write);
        } else {
            same.set(name, update.read);
        }
    }
    return { read, write, same, isListChanged: isOtherList(original, updated) };
}

function isOtherList(original: Members<unknown>, updated: Members<unknown>): boolean {
    return original.size !== updated.size || [...original.keys()].some((name) => !updated.has(name));
}

function isSameValue(one: common.ConfigValue, other: common.ConfigValue): boolean {
    return one.getModPolicy() === other.getModPolicy() && sameBytes(one.getValue_asU8(), other.getValue_asU8());
}

function isSamePolicy(one: common.ConfigPolicy, other: common.ConfigPolicy): boolean {
    const bytesOf = (policy: common.ConfigPolicy): Uint8Array =>
        policy.getPolicy()?.serializeBinary() ?? new Uint8Array();
    return (
        one.getModPolicy() === other.getModPolicy() &&
        one.hasPolicy() === other.hasPolicy() &&
        sameBytes(bytesOf(one), bytesOf(other))
    );
}

function policiesOf(group: common.ConfigGroup): Members<common.ConfigPolicy> {
    return new Map(mapEntries(group.getPoliciesMap()));
}

function valuesOf(group: common.ConfigGroup): Members<common.ConfigValue> {
    return new Map(mapEntries(group.getValuesMap()));
}

function groupsOf(group: common.ConfigGroup): Members<common.ConfigGroup> {
    return new Map(mapEntries(group.getGroupsMap()));
}
