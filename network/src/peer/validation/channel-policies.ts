import { BoundedCache } from '../../fabric/bounded-cache';
import type { Bundle } from '../../fabric/channel-config';
import type { ParsedTransaction } from '../../fabric/envelopes';
import { MalformedPolicy } from '../../fabric/errors';
import {
    compileApplicationPolicy,
    compileKeyPolicy,
    outOf,
    signaturePolicyEnvelope,
    signedBy,
} from '../../fabric/policy';
import type { Policy, SignedData } from '../../fabric/policy';
import { peer } from '@hyperledger/fabric-protos';
import { ChannelHalted } from './errors';

const POLICIES_KEPT = 2_000;
const LIFECYCLE_ENDORSEMENT = '/Channel/Application/LifecycleEndorsement';

const REFUSE: Policy = { evaluate: () => false, evaluateIdentities: () => false };

/** Verdicts on a transaction's endorsements: pure functions of policy and signatures, so all peers of a process share them. */
const verdicts = new WeakMap<ParsedTransaction, Map<Policy, boolean>>();
const channels = new WeakMap<Bundle, ChannelPolicies>();

/** What endorsers sign: the response they gave, followed by who they are. */
function signedResponses({ proposalResponsePayload, endorsements }: ParsedTransaction): readonly SignedData[] {
    return endorsements.map(({ endorser, signature }) => ({
        identity: endorser,
        data: Buffer.concat([proposalResponsePayload, endorser]),
        signature,
    }));
}

/** Whether a transaction's endorsements satisfy a policy. */
export function isEndorsed(transaction: ParsedTransaction, policy: Policy): boolean {
    let known = verdicts.get(transaction);
    if (known === undefined) {
        known = new Map();
        verdicts.set(transaction, known);
    }
    let verdict = known.get(policy);
    if (verdict === undefined) {
        verdict = policy.evaluate(signedResponses(transaction));
        known.set(policy, verdict);
    }
    return verdict;
}

/** The policies that one configuration of a channel makes of bytes in the state; each is compiled once per process. */
export class ChannelPolicies {
    readonly #bundle: Bundle;
    readonly #compiled = new BoundedCache<string, Policy>(POLICIES_KEPT);

    private constructor(bundle: Bundle) {
        this.#bundle = bundle;
    }

    static of(bundle: Bundle): ChannelPolicies {
        const known = channels.get(bundle) ?? new ChannelPolicies(bundle);
        channels.set(bundle, known);
        return known;
    }

    /** Of a chaincode or an explicit collection; what does not compile is satisfied by nobody. */
    application(bytes: Uint8Array): Policy {
        return this.#compiled.remember(`a${Buffer.from(bytes).toString('latin1')}`, () => {
            try {
                return compileApplicationPolicy(bytes, this.#bundle.msps, this.#bundle.policies);
            } catch (error) {
                if (error instanceof MalformedPolicy) {
                    return REFUSE;
                }
                throw error;
            }
        });
    }

    /** Of a key. Throws ChannelHalted for bytes that no peer can read. */
    key(bytes: Uint8Array): Policy {
        return this.#compiled.remember(`k${Buffer.from(bytes).toString('latin1')}`, () => {
            try {
                return compileKeyPolicy(bytes, this.#bundle.msps);
            } catch (error) {
                if (error instanceof MalformedPolicy) {
                    throw new ChannelHalted(`a key has a policy that cannot be read: ${error.message}`);
                }
                throw error;
            }
        });
    }

    /** Of an organisation's implicit collection; undefined when the channel has no such organisation. */
    implicitCollection(mspId: string): Policy | undefined {
        const organisation = this.#bundle.applicationOrgs.get(mspId);
        if (organisation === undefined) {
            return undefined;
        }
        const path = `/Channel/Application/${organisation.groupName}/Endorsement`;
        return this.#bundle.policies.find(path) ?? this.#anyMemberOf([mspId], 1);
    }

    /** Of `_lifecycle`; a majority of the organisations where the channel does not say. */
    get lifecycle(): Policy {
        const mspIds = [...this.#bundle.applicationOrgs.keys()];
        return (
            this.#bundle.policies.find(LIFECYCLE_ENDORSEMENT) ??
            this.#anyMemberOf(mspIds, Math.floor(mspIds.length / 2) + 1)
        );
    }

    #anyMemberOf(mspIds: readonly string[], n: number): Policy {
        const rule = outOf(
            n,
            mspIds.map((mspId) => signedBy(mspId, 'member')),
        );
        const policy = new peer.ApplicationPolicy();
        policy.setSignaturePolicy(signaturePolicyEnvelope(rule));
        return this.application(policy.serializeBinary());
    }
}
