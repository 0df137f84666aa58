import { peer } from '@hyperledger/fabric-protos';

import type { SignedData } from '../../fabric/policy';
import type { Simulator } from '../ledger/api';

/** A proposal to one of the chaincodes that are part of the peer. */
export interface SystemCall {
    readonly args: readonly Uint8Array[];
    /** Empty for proposals about the peer itself. */
    readonly channelId: string;
    readonly txId: string;
    readonly signed: SignedData;
    /** Absent without a channel, and for chaincodes that read the ledger itself. */
    readonly simulator?: Simulator;
}

export interface SystemChaincode {
    readonly name: string;
    /** What is thrown becomes a response of status 500 with that message. */
    invoke(call: SystemCall): Promise<peer.Response>;
}

/** The version under which system chaincodes stand in proposal responses. */
export const SYSTEM_CHAINCODE_VERSION = 'syscc';

export function response(status: number, message: string, payload?: Uint8Array): peer.Response {
    const result = new peer.Response();
    result.setStatus(status);
    result.setMessage(message);
    if (payload) result.setPayload(payload);
    return result;
}

export function success(payload: Uint8Array): peer.Response {
    return response(200, '', payload);
}

export function text(bytes: Uint8Array | undefined): string {
    return Buffer.from(bytes ?? new Uint8Array()).toString('utf8');
}
