/** The part of fabric-shim that turns contract classes into a chaincode: what its own `server` command uses, without types. */
declare module 'fabric-shim/lib/contract-spi/chaincodefromcontract' {
    import type { Contract } from 'fabric-contract-api';
    import type { ChaincodeInterface } from 'fabric-shim';

    interface Serializers {
        readonly transaction: string;
        readonly serializers: Readonly<Record<string, unknown>>;
    }

    const ChaincodeFromContract: new (
        contracts: (new () => Contract)[],
        serializers: Serializers,
        metadata: object,
        title: string,
        version: string,
    ) => ChaincodeInterface;
    export = ChaincodeFromContract;
}
