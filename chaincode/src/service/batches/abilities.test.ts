import { describe, expect, it } from '@jest/globals';
import { peer } from '@hyperledger/fabric-protos';
import { abilitiesFrom } from './abilities';

function ready(writes: boolean, maxWrites: number, reads: boolean, maxReads: number): Uint8Array {
    const said = new peer.ChaincodeAdditionalParams();
    said.setUseWriteBatch(writes);
    said.setMaxSizeWriteBatch(maxWrites);
    said.setUseGetMultipleKeys(reads);
    said.setMaxSizeGetMultipleKeys(maxReads);
    return said.serializeBinary();
}

describe('what a peer says when it is ready', () => {
    it.each([
        { peer: 'of version 2, nothing', payload: new Uint8Array(), abilities: [0, 0] },
        { peer: 'both, and of which size', payload: ready(true, 1000, true, 500), abilities: [1000, 500] },
        { peer: 'writes alone', payload: ready(true, 7, false, 500), abilities: [7, 0] },
        { peer: 'reads alone', payload: ready(false, 1000, true, 7), abilities: [0, 7] },
        { peer: 'both without a size', payload: ready(true, 0, true, 0), abilities: [100, 100] },
        { peer: 'what is no message', payload: Buffer.from('ff', 'hex'), abilities: [0, 0] },
    ])('$peer', ({ payload, abilities: [maxWrites, maxReads] }) => {
        expect(abilitiesFrom(payload)).toEqual({ maxWrites, maxReads });
    });
});
