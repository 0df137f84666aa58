import type { msp } from '@hyperledger/fabric-protos';

/** What a certificate's organisational unit makes of it; `undefined` where node OUs are not in use. */
export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

/** A certificate that its MSP accepts. */
export interface Identity {
    readonly mspId: string;
    readonly certificatePem: string;
    /** Hex SHA-256 of the certificate: tells two identities apart, however they are serialised. */
    readonly id: string;
    /** Not looked at by the MSP (as in Fabric): endorser and broadcast refuse who is past it. */
    readonly notAfter: Date;
    readonly role: NodeRole | undefined;
    readonly isAdmin: boolean;
    verify(message: Uint8Array, signature: Uint8Array): boolean;
    satisfies(principal: msp.MSPPrincipal): boolean;
}

/** Whatever turns serialised identities into identities, throwing MspError for those it does not accept. */
export interface IdentitySource {
    identity(serialized: Uint8Array): Identity;
}

export class Msp implements IdentitySource {
    readonly mspId: string = '';
    /** PEM of the roots and intermediates of the TLS authority. */
    readonly tlsRoots: readonly string[] = [];
    readonly roots: readonly string[] = [];

    constructor(_config: msp.MSPConfig) {
        throw new Error('not yet');
    }

    identity(_serialized: Uint8Array): Identity {
        throw new Error('not yet');
    }
}

export class MspManager implements IdentitySource {
    readonly mspIds: readonly string[] = [];

    constructor(_msps: readonly Msp[]) {
        throw new Error('not yet');
    }

    get(_mspId: string): Msp | undefined {
        throw new Error('not yet');
    }

    identity(_serialized: Uint8Array): Identity {
        throw new Error('not yet');
    }
}
