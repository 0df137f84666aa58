import type { Bundle } from '../../../fabric/channel-config';
import type { Simulator } from '../../ledger/api';
import { implicitCollectionName, LIFECYCLE_NAMESPACE } from '../../lifecycle-state';
import type { HashedRecords, WritableRecords } from './record';

/** What an operation on the channel's definitions works with. */
export interface LifecycleContext {
    /** The peer's own organisation. */
    readonly mspId: string;
    readonly bundle: Bundle;
    readonly simulator: Simulator;
}

/** The channel's own definitions. */
export function publicRecords({ simulator }: LifecycleContext): WritableRecords {
    return {
        get: (key) => simulator.getState(LIFECYCLE_NAMESPACE, key),
        put: (key, value) => {
            simulator.putState(LIFECYCLE_NAMESPACE, key, value);
        },
        delete: (key) => {
            simulator.deleteState(LIFECYCLE_NAMESPACE, key);
        },
    };
}

/** The approvals of the peer's own organisation, in its implicit collection. */
export function ownRecords({ simulator, mspId }: LifecycleContext): WritableRecords {
    const collection = implicitCollectionName(mspId);
    return {
        get: (key) => simulator.getPrivateData(LIFECYCLE_NAMESPACE, collection, key),
        put: (key, value) => {
            simulator.putPrivateData(LIFECYCLE_NAMESPACE, collection, key, value);
        },
        delete: (key) => {
            simulator.deletePrivateData(LIFECYCLE_NAMESPACE, collection, key);
        },
    };
}

/** What the channel knows of every organisation's approvals: hashes. */
export function approvalsOfAll({ simulator, bundle }: LifecycleContext): readonly HashedRecords[] {
    return [...bundle.applicationOrgs.keys()].map((mspId) => ({
        mspId,
        hash: (key) => simulator.getPrivateDataHash(LIFECYCLE_NAMESPACE, implicitCollectionName(mspId), key),
    }));
}

/** Keys of a table's names end before this: Fabric assumes that names are ASCII. */
export const PREFIX_END = '\u007f';
