import type { peer } from '@hyperledger/fabric-protos';

import { transactionId } from '../../fabric/envelopes';
import type { Identity } from '../../fabric/msp';
import { parseSignedProposal, type ParsedProposal } from '../../fabric/proposals';

/** common.HeaderType values a proposal may carry. */
const CONFIG = 1;
const ENDORSER_TRANSACTION = 3;
const HEADER_TYPES: readonly string[] = [
    'MESSAGE',
    'CONFIG',
    'CONFIG_UPDATE',
    'ENDORSER_TRANSACTION',
    'ORDERER_TRANSACTION',
    'DELIVER_SEEK_INFO',
    'CHAINCODE_PACKAGE',
];

/**
 * A proposal that is not even tried. `filter`: turned away at the door (clock, expired certificate, unreadable); `check`: the
 * endorser looked at it and said no. Gateways treat the two differently, as Fabric's does.
 */
export class ProposalRefused extends Error {
    override readonly name = 'ProposalRefused';

    constructor(
        readonly stage: 'filter' | 'check',
        message: string,
        options?: ErrorOptions,
    ) {
        super(message, options);
    }
}

export function errorText(cause: unknown): string {
    return cause instanceof Error ? cause.message : String(cause);
}

/** RFC 3339 to the second, as Go prints it. */
function seconds(time: Date): string {
    return time.toISOString().replace(/\.\d+Z$/, 'Z');
}

export function parseProposal(signed: peer.SignedProposal): ParsedProposal {
    try {
        return parseSignedProposal(signed);
    } catch (cause) {
        throw new ProposalRefused('filter', `failed parsing proposal: ${errorText(cause)}`, { cause });
    }
}

/** Throws unless the client's certificate is in date and its clock agrees with ours. */
export function checkTimes(proposal: ParsedProposal, creator: Identity | undefined, now: Date, windowMs: number): void {
    if (creator && creator.notAfter < now) {
        throw new ProposalRefused('filter', 'proposal client identity expired');
    }
    const stamp = proposal.timestamp ?? new Date(0);
    if (Math.abs(stamp.getTime() - now.getTime()) > windowMs) {
        throw new ProposalRefused(
            'filter',
            `request unauthorized due to incorrect timestamp ${seconds(stamp)}, peer time ${seconds(now)}, peer.authentication.timewindow ${windowMs / 1000}s`,
        );
    }
}

function structuralFault(proposal: ParsedProposal): string | undefined {
    if (proposal.type !== ENDORSER_TRANSACTION && proposal.type !== CONFIG) {
        return `invalid header type ${HEADER_TYPES[proposal.type] ?? String(proposal.type)}`;
    }
    if (proposal.epoch !== 0) return 'epoch is non-zero';
    if (proposal.nonce.length === 0) return 'nonce is empty';
    if (proposal.creator.length === 0) return 'creator is empty';
    const expected = transactionId(proposal.nonce, proposal.creator);
    if (proposal.txId !== expected) return `incorrectly computed txid '${proposal.txId}' -- expected '${expected}'`;
    if (proposal.signature.length === 0) return 'empty signature bytes';
    return undefined;
}

/** Throws unless the proposal is well formed and signed by somebody the channel (or, without one, the peer's MSP) knows. */
export function checkProposal(proposal: ParsedProposal, creator: Identity | undefined): Identity {
    const refuse = (why: string): ProposalRefused => new ProposalRefused('check', `error validating proposal: ${why}`);
    const fault = structuralFault(proposal);
    if (fault !== undefined) throw refuse(fault);
    const { channelId } = proposal;
    if (!creator) {
        throw refuse(`access denied: channel [${channelId}] creator org unknown, creator is malformed`);
    }
    if (!creator.verify(proposal.proposalBytes, proposal.signature)) {
        throw refuse(`access denied: channel [${channelId}] creator org [${creator.mspId}]`);
    }
    return creator;
}
