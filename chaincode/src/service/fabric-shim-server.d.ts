/** The server behind fabric-shim's `Shim.server`, without types of its own: one call of `connect` for each peer. */
declare module 'fabric-shim/lib/server' {
    import type { peer } from '@hyperledger/fabric-protos';
    import type { ChaincodeInterface, ChaincodeServerOpts } from 'fabric-shim';

    class ChaincodeServer {
        constructor(chaincode: ChaincodeInterface, options: ChaincodeServerOpts);
        start(): Promise<void>;
        connect(stream: ChaincodeServer.PeerStream): void;
    }
    namespace ChaincodeServer {
        interface PeerStream {
            on(event: 'data', listener: (message: peer.ChaincodeMessage) => void): unknown;
        }
    }
    export = ChaincodeServer;
}
