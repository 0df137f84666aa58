import { common } from '@hyperledger/fabric-protos';
import { FormatError, MalformedPolicy } from '../errors';
import type { Identity, IdentitySource } from '../msp';
import { decode, mapEntries } from '../wire';
import { REJECT_ALL, type Policy, type SignedData } from './policy';
import { compileSignaturePolicy } from './signature-policy';

const ROOT = 'Channel';
const { PolicyType } = common.Policy;

/** So many of the policies of one name in the groups below have to be satisfied. */
class ImplicitMetaPolicy implements Policy {
    readonly #policies: readonly Policy[];
    readonly #threshold: number;

    constructor(policies: readonly Policy[], rule: number) {
        this.#policies = policies;
        this.#threshold = policies.length === 0 ? 0 : thresholdOf(rule, policies.length);
    }

    evaluate(signed: readonly SignedData[]): boolean {
        return this.#isMet((policy) => policy.evaluate(signed));
    }

    evaluateIdentities(identities: readonly Identity[]): boolean {
        return this.#isMet((policy) => policy.evaluateIdentities(identities));
    }

    #isMet(isSatisfied: (policy: Policy) => boolean): boolean {
        let remaining = this.#threshold;
        for (const policy of this.#policies) {
            if (remaining === 0) return true;
            if (isSatisfied(policy)) remaining -= 1;
        }
        return remaining === 0;
    }
}

function thresholdOf(rule: number, count: number): number {
    switch (rule) {
        case common.ImplicitMetaPolicy.Rule.ANY:
            return 1;
        case common.ImplicitMetaPolicy.Rule.ALL:
            return count;
        case common.ImplicitMetaPolicy.Rule.MAJORITY:
            return Math.floor(count / 2) + 1;
        default:
            throw new MalformedPolicy(`implicit policy with rule ${rule}`);
    }
}

/**
 * The policies of a configuration group and of those below it.
 *
 * Absolute paths (`/Channel/Application/Writers`) must lead through this group; others are relative to it (`Application/Writers` at
 * the channel).
 */
export class PolicyTree {
    readonly #path: string;
    readonly #policies = new Map<string, Policy>();

    /** Throws MalformedPolicy where Fabric's peers would refuse the configuration. */
    constructor(group: common.ConfigGroup, identities: IdentitySource, path: string = ROOT) {
        this.#path = path;
        const children = new Map<string, PolicyTree>();
        for (const [name, child] of mapEntries(group.getGroupsMap())) {
            children.set(name, new PolicyTree(child, identities, `${path}/${name}`));
        }
        for (const [name, policy] of mapEntries(group.getPoliciesMap())) {
            this.#policies.set(name, compiled(policy, `/${path}/${name}`, children, identities));
        }
        for (const [childName, child] of children) {
            for (const [name, policy] of child.#policies) this.#policies.set(`${childName}/${name}`, policy);
        }
    }

    find(path: string): Policy | undefined {
        if (!path.startsWith('/')) return this.#policies.get(path);
        const prefix = `/${this.#path}/`;
        return path.startsWith(prefix) ? this.#policies.get(path.slice(prefix.length)) : undefined;
    }

    /** A path that names nothing gives a policy that refuses everybody, as in Fabric. */
    get(path: string): Policy {
        return this.find(path) ?? REJECT_ALL;
    }

    get paths(): readonly string[] {
        return [...this.#policies.keys()].map((name) => `/${this.#path}/${name}`);
    }
}

function compiled(
    config: common.ConfigPolicy,
    path: string,
    children: ReadonlyMap<string, PolicyTree>,
    identities: IdentitySource,
): Policy {
    const policy = config.getPolicy();
    if (policy === undefined) throw new MalformedPolicy(`policy ${path} is empty`);
    try {
        switch (policy.getType()) {
            case PolicyType.SIGNATURE:
                return compileSignaturePolicy(policy.getValue_asU8(), identities);
            case PolicyType.IMPLICIT_META: {
                const meta = decode(common.ImplicitMetaPolicy, policy.getValue_asU8(), 'ImplicitMetaPolicy');
                const parts = [...children.values()].map((child) => child.get(meta.getSubPolicy()));
                return new ImplicitMetaPolicy(parts, meta.getRule());
            }
            default:
                throw new MalformedPolicy(`unknown policy type ${policy.getType()}`);
        }
    } catch (error) {
        if (!(error instanceof MalformedPolicy || error instanceof FormatError)) throw error;
        throw new MalformedPolicy(`policy ${path} did not compile: ${error.message}`);
    }
}
