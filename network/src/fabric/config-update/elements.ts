import { common } from '@hyperledger/fabric-protos';
import { mapEntries } from '../wire';
import { ConfigUpdateRefused } from './refused';

interface Place {
    readonly key: string;
    /** Names of the groups around it, from the channel down; empty for the channel itself. */
    readonly path: readonly string[];
}

/** One group, value or policy of a configuration: each has a version of its own and names the policy that may change it. */
export type Element =
    | (Place & { readonly kind: 'group'; readonly message: common.ConfigGroup })
    | (Place & { readonly kind: 'value'; readonly message: common.ConfigValue })
    | (Place & { readonly kind: 'policy'; readonly message: common.ConfigPolicy });

/** Elements by kind and path, as `group /Channel/Application`. */
export type Elements = ReadonlyMap<string, Element>;

const ROOT = 'Channel';
const ID = /^[a-zA-Z0-9.-]+$/;
const LONGEST_ID = 249;
/** Sound configurations have three levels; whoever nests deeper means no good. */
const DEEPEST = 16;
/** Fabric gives elements from its first years a policy where these capabilities stand. */
const REPAIRS_MOD_POLICIES = 'value /Channel/Orderer/Capabilities';
const REPAIRED_MOD_POLICY = 'Admins';

/** Throws ConfigUpdateRefused unless the text may name an element. */
export function assertConfigId(id: string): void {
    if (id.length === 0 || id.length > LONGEST_ID || id === '.' || id === '..' || !ID.test(id)) {
        throw new ConfigUpdateRefused(`'${id}' cannot name an element of a configuration`);
    }
}

export function elementName({ kind, path, key }: Pick<Element, 'kind' | 'path' | 'key'>): string {
    return `${kind} /${[...path, key].join('/')}`;
}

/** All elements of a configuration or of one side of an update; none where there is no group. Throws ConfigUpdateRefused for bad names. */
export function elementsOf(channel: common.ConfigGroup | undefined): Elements {
    const found = new Map<string, Element>();
    if (channel !== undefined) collect({ kind: 'group', key: ROOT, path: [], message: channel }, found);
    return found;
}

function collect(group: Element & { kind: 'group' }, found: Map<string, Element>): void {
    add(group, found);
    const path = [...group.path, group.key];
    if (path.length > DEEPEST) throw new ConfigUpdateRefused('groups are nested too deeply');
    for (const [key, message] of mapEntries(group.message.getGroupsMap())) {
        collect({ kind: 'group', key, path, message }, found);
    }
    for (const [key, message] of mapEntries(group.message.getValuesMap())) {
        add({ kind: 'value', key, path, message }, found);
    }
    for (const [key, message] of mapEntries(group.message.getPoliciesMap())) {
        add({ kind: 'policy', key, path, message }, found);
    }
}

function add(element: Element, found: Map<string, Element>): void {
    assertConfigId(element.key);
    found.set(elementName(element), element);
}

/**
 * The channel group that elements make: from the channel down, each group has the members that it lists itself, with the content
 * that stands under their names. What no group lists is left out. Throws ConfigUpdateRefused where a listed one is missing.
 */
export function channelGroupOf(elements: Elements): common.ConfigGroup {
    return groupAt([], ROOT, elements);
}

function groupAt(path: readonly string[], key: string, elements: Elements): common.ConfigGroup {
    const { message } = elementAt('group', path, key, elements);
    const below = [...path, key];
    const group = new common.ConfigGroup();
    group.setVersion(message.getVersion());
    group.setModPolicy(repaired(message.getModPolicy(), elements));
    for (const [name] of mapEntries(message.getGroupsMap())) {
        group.getGroupsMap().set(name, groupAt(below, name, elements));
    }
    for (const [name] of mapEntries(message.getValuesMap())) {
        const value = common.ConfigValue.deserializeBinary(
            elementAt('value', below, name, elements).message.serializeBinary(),
        );
        value.setModPolicy(repaired(value.getModPolicy(), elements));
        group.getValuesMap().set(name, value);
    }
    for (const [name] of mapEntries(message.getPoliciesMap())) {
        const policy = common.ConfigPolicy.deserializeBinary(
            elementAt('policy', below, name, elements).message.serializeBinary(),
        );
        policy.setModPolicy(repaired(policy.getModPolicy(), elements));
        group.getPoliciesMap().set(name, policy);
    }
    return group;
}

function repaired(modPolicy: string, elements: Elements): string {
    return modPolicy === '' && elements.has(REPAIRS_MOD_POLICIES) ? REPAIRED_MOD_POLICY : modPolicy;
}

function elementAt<K extends Element['kind']>(
    kind: K,
    path: readonly string[],
    key: string,
    elements: Elements,
): Element & { kind: K } {
    const name = elementName({ kind, path, key });
    const found = elements.get(name);
    if (!isOfKind(found, kind)) throw new ConfigUpdateRefused(`${name} is listed and missing`);
    return found;
}

function isOfKind<K extends Element['kind']>(element: Element | undefined, kind: K): element is Element & { kind: K } {
    return element?.kind === kind;
}
