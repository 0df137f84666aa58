import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeService } from '../topology';
import type { Approval, Definition } from './lifecycle-client';

/** What one organisation has, by its own peer. */
export interface OrganisationState {
    readonly installed: readonly string[];
    readonly approvals: readonly Approval[];
    /** Names of chaincodes whose committed definition it approved, of which its own peer has lost the record. */
    readonly approvedUnseen?: readonly string[];
}

export interface Wanted {
    readonly definition: Definition;
    readonly packageId: string;
}

/** What is left to do until the channel runs a chaincode from a package. */
export interface DeploymentPlan extends Wanted {
    /** Indices of the organisations. */
    readonly toInstall: readonly number[];
    readonly toApprove: readonly number[];
    readonly toCommit: boolean;
}

/**
 * Keeps a definition that the channel has if it says what is wanted and everybody runs it from this package; else takes
 * the next sequence. What a deployment that was interrupted has done already is not done again: Fabric refuses to approve the
 * same twice.
 */
export function planDeployment(
    chaincode: Pick<ChaincodeService, 'name' | 'version' | 'policyReference'>,
    packageId: string,
    committed: Definition | undefined,
    states: readonly OrganisationState[],
): DeploymentPlan {
    const wanted = {
        name: chaincode.name,
        version: chaincode.version,
        validationParameter: policyByReference(chaincode.policyReference),
    };
    const has = (state: OrganisationState, sequence: number): boolean => {
        if (sequence === committed?.sequence && state.approvedUnseen?.includes(wanted.name) === true) {
            return true;
        }
        const own = state.approvals.find((each) => each.name === wanted.name && each.sequence === sequence);
        return own !== undefined && says(own, wanted) && own.packageId === packageId;
    };
    const current = committed?.sequence ?? 0;
    const keeps = committed !== undefined && says(committed, wanted) && states.every((state) => has(state, current));
    const sequence = keeps ? current : current + 1;
    const indices = (which: (state: OrganisationState) => boolean): number[] =>
        states.flatMap((state, index) => (which(state) ? [index] : []));
    return {
        definition: { ...wanted, sequence },
        packageId,
        toInstall: indices(({ installed }) => !installed.includes(packageId)),
        toApprove: indices((state) => !has(state, sequence)),
        toCommit: !keeps,
    };
}

/** The endorsement policy that stands in the channel's configuration under this path. */
export function policyByReference(path: string): Uint8Array {
    const policy = new peer.ApplicationPolicy();
    policy.setChannelConfigPolicyReference(path);
    return policy.serializeBinary();
}

function says(one: Definition, other: Omit<Definition, 'sequence'>): boolean {
    return one.version === other.version && Buffer.compare(one.validationParameter, other.validationParameter) === 0;
}
