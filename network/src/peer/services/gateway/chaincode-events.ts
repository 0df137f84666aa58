import { gateway, orderer, peer, type common } from '@hyperledger/fabric-protos';

import { blockEnvelopes, validationFlags } from '../../../fabric/blocks';
import { parseEnvelope } from '../../../fabric/envelopes';
import type { PeerLedger } from '../../ledger/peer-ledger';
import { blocksFrom } from '../block-feed';
import { invalidArgument } from './gateway-error';

const ENDORSER_TRANSACTION = 3;
const { TypeCase } = orderer.SeekPosition;

/** The events that a block's valid transactions emitted, in order. */
function eventsOf(block: common.Block): readonly peer.ChaincodeEvent[] {
    const flags = validationFlags(block);
    return blockEnvelopes(block).flatMap((bytes, index) => {
        if (flags?.[index] !== peer.TxValidationCode.VALID) return [];
        const envelope = parseEnvelope(bytes);
        if (envelope.type !== ENDORSER_TRANSACTION) return [];
        const event = peer.ChaincodeEvent.deserializeBinary(envelope.transaction().events);
        return event.getChaincodeId() === '' ? [] : [event];
    });
}

function startPosition(position: orderer.SeekPosition | undefined, height: number): number {
    switch (position?.getTypeCase() ?? TypeCase.TYPE_NOT_SET) {
        case TypeCase.TYPE_NOT_SET:
        case TypeCase.NEXT_COMMIT:
            return height;
        case TypeCase.SPECIFIED:
            return position?.getSpecified()?.getNumber() ?? 0;
        default:
            throw invalidArgument('invalid start position type');
    }
}

async function startBlock(request: gateway.ChaincodeEventsRequest, ledger: PeerLedger): Promise<number> {
    const after = request.getAfterTransactionId();
    const known = after === '' ? undefined : await ledger.transactionByTxId(after);
    return known ? known.blockNumber : startPosition(request.getStartPosition(), ledger.height);
}

/** One response per block that holds events of the chaincode, from the position or checkpoint the client named. */
export async function* chaincodeEvents(
    request: gateway.ChaincodeEventsRequest,
    ledger: PeerLedger,
    signal: AbortSignal,
): AsyncGenerator<gateway.ChaincodeEventsResponse, void, undefined> {
    const after = request.getAfterTransactionId();
    let isPast = after === '';
    for await (const block of blocksFrom(ledger, await startBlock(request, ledger), signal)) {
        const matching: peer.ChaincodeEvent[] = [];
        for (const event of eventsOf(block)) {
            if (isPast && event.getChaincodeId() === request.getChaincodeId()) matching.push(event);
            if (event.getTxId() === after) isPast = true;
        }
        if (matching.length === 0) continue;
        const response = new gateway.ChaincodeEventsResponse();
        response.setEventsList(matching);
        response.setBlockNumber(block.getHeader()?.getNumber() ?? 0);
        yield response;
    }
}
