import { status } from '@grpc/grpc-js';
import type { peer } from '@hyperledger/fabric-protos';

import type { Endorser } from '../endorser';
import { errorText } from '../proposal-checks';
import type { Node } from './remote-nodes';

interface Address {
    readonly host: string;
    readonly port: number;
}

/**
 * The peers of one process. They answer each other as over the network, failures included, but encrypt nothing that does not leave the
 * process.
 */
export class Neighbours {
    private readonly endorsers = new Map<string, Endorser>();

    add({ host, port }: Address, endorser: Endorser): void {
        this.endorsers.set(`${host}:${port}`, endorser);
    }

    remove({ host, port }: Address): void {
        this.endorsers.delete(`${host}:${port}`);
    }

    /** Undefined where the node is not a peer of this process. */
    processProposal({ address }: Node, signed: peer.SignedProposal): Promise<peer.ProposalResponse> | undefined {
        return this.endorsers.get(address)?.process(signed).catch(asOverTheNetwork);
    }
}

function asOverTheNetwork(cause: unknown): never {
    const details = errorText(cause);
    throw Object.assign(new Error(details, { cause }), { code: status.UNKNOWN, details });
}
