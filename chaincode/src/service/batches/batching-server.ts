// First: the shim brings an older copy of the messages, both copies keep them in one global place, and what the shim
// sends has to be of its own.
import ChaincodeServer from 'fabric-shim/lib/server';
import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeInterface, ChaincodeServerOpts } from 'fabric-shim';
import { abilitiesFrom, type Abilities } from './abilities';
import { isShimHandler, PeerBatches } from './peer-batches';

type Stub = Parameters<ChaincodeInterface['Invoke']>[0];

/** By the stream over which the peer said it. */
const announced = new WeakMap<object, Abilities>();

/**
 * fabric-shim's server, which also hears what a peer announces when it is ready: the shim of today drops it. The shim itself
 * is as it was published; its chaincode gets a stub that knows of batches.
 */
export class BatchingServer extends ChaincodeServer {
    constructor(chaincode: ChaincodeInterface, options: ChaincodeServerOpts) {
        super(withBatches(chaincode), options);
    }

    override connect(stream: ChaincodeServer.PeerStream): void {
        stream.on('data', (message) => {
            if (message.getType() === peer.ChaincodeMessage.Type.READY) {
                announced.set(stream, abilitiesFrom(message.getPayload_asU8()));
            }
        });
        super.connect(stream);
    }
}

function withBatches(chaincode: ChaincodeInterface): ChaincodeInterface {
    return {
        Init: (stub) => chaincode.Init(batching(stub)),
        Invoke: (stub) => chaincode.Invoke(batching(stub)),
    };
}

/** The shim makes a stub for each transaction, so what is added to it concerns nobody else. */
function batching(stub: Stub): Stub {
    const handler: unknown = Reflect.get(stub, 'handler');
    const abilities = isShimHandler(handler) ? announced.get(handler._stream) : undefined;
    return isShimHandler(handler) && abilities !== undefined
        ? Object.assign(stub, { batches: new PeerBatches(handler, abilities, stub.getChannelID(), stub.getTxID()) })
        : stub;
}
