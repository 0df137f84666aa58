import { peer } from '@hyperledger/fabric-protos';

/** How many writes and reads a peer takes in one message; 0 where it takes none. */
export interface Abilities {
    readonly maxWrites: number;
    readonly maxReads: number;
}

/** Fabric's own shims take this where a peer announces that it takes batches but not of which size. */
const USUAL_SIZE = 100;

/** What a peer says of itself in READY: older ones nothing. Bytes that are no message are no batches. */
export function abilitiesFrom(ready: Uint8Array): Abilities {
    const said = decoded(ready);
    return {
        maxWrites: said.getUseWriteBatch() ? said.getMaxSizeWriteBatch() || USUAL_SIZE : 0,
        maxReads: said.getUseGetMultipleKeys() ? said.getMaxSizeGetMultipleKeys() || USUAL_SIZE : 0,
    };
}

function decoded(ready: Uint8Array): peer.ChaincodeAdditionalParams {
    try {
        return peer.ChaincodeAdditionalParams.deserializeBinary(ready);
    } catch {
        return new peer.ChaincodeAdditionalParams();
    }
}
