import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import type { LedgerKey } from '@commonwatt/chaincode/api/keys';

/** A valid transaction of a chaincode as a block has it. */
export interface ChaincodeCall {
    readonly chaincode: string;
    /** `auction:clearRound` */
    readonly transaction: string;
    readonly argument: string;
    /** MSPs whose endorsements it carries; the peer has checked them. */
    readonly endorsers: readonly string[];
    /**
     * What it writes to the channel's state of its chaincode, deletions left out. A name proves nothing: with other chaincode on its own peer
     * anybody has a valid transaction of any name that writes, say, its own collection. Keys can be written by those alone whom their policies name.
     */
    readonly writes: ReadonlyMap<string, string>;
}

/** A key of the ledger as the channel's state has it. */
export const stateKey = ({ type, parts }: LedgerKey): string =>
    `\u0000${[type, ...parts].map((part) => `${part}\u0000`).join('')}`;

/** Where peers note whether each transaction of a block is valid. */
const TRANSACTIONS_FILTER = 2;

/**
 * The valid transactions of a block whose names are among the wanted ones. Thousands of others go by without being taken apart: a
 * name that is not somewhere in an envelope's bytes is not its transaction's.
 */
export function chaincodeCalls(block: common.Block, wanted: readonly string[]): ChaincodeCall[] {
    const codes = block.getMetadata()?.getMetadataList_asU8()[TRANSACTIONS_FILTER] ?? new Uint8Array();
    const envelopes = block.getData()?.getDataList_asU8() ?? [];
    return envelopes.flatMap((envelope, at) => {
        const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
        if (codes[at] !== peer.TxValidationCode.VALID || !wanted.some((name) => bytes.includes(name))) {
            return [];
        }
        return callsIn(envelope).filter(({ transaction }) => wanted.includes(transaction));
    });
}

function callsIn(envelope: Uint8Array): ChaincodeCall[] {
    const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
    const channelHeader = payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array();
    const type = common.ChannelHeader.deserializeBinary(channelHeader).getType();
    return type === common.HeaderType.ENDORSER_TRANSACTION
        ? peer.Transaction.deserializeBinary(payload.getData_asU8())
              .getActionsList()
              .map((action) => callOf(peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8())))
        : [];
}

function callOf(action: peer.ChaincodeActionPayload): ChaincodeCall {
    const proposal = peer.ChaincodeProposalPayload.deserializeBinary(action.getChaincodeProposalPayload_asU8());
    const spec = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.getInput_asU8()).getChaincodeSpec();
    const [transaction = '', argument = ''] = textsOf(spec?.getInput());
    const chaincode = spec?.getChaincodeId()?.getName() ?? '';
    return {
        chaincode,
        transaction,
        argument,
        endorsers: endorsersOf(action.getAction()),
        writes: writesOf(action.getAction(), chaincode),
    };
}

function writesOf(endorsed: peer.ChaincodeEndorsedAction | undefined, chaincode: string): Map<string, string> {
    const response = peer.ProposalResponsePayload.deserializeBinary(
        endorsed?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
    );
    const results = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8();
    return new Map(
        ledger.rwset.TxReadWriteSet.deserializeBinary(results)
            .getNsRwsetList()
            .filter((each) => each.getNamespace() === chaincode)
            .flatMap((each) => ledger.rwset.kvrwset.KVRWSet.deserializeBinary(each.getRwset_asU8()).getWritesList())
            .filter((write) => !write.getIsDelete())
            .map((write) => [write.getKey(), Buffer.from(write.getValue_asU8()).toString('utf8')]),
    );
}

function textsOf(input: peer.ChaincodeInput | undefined): string[] {
    return (input?.getArgsList_asU8() ?? []).map((part) => Buffer.from(part).toString('utf8'));
}

function endorsersOf(endorsed: peer.ChaincodeEndorsedAction | undefined): string[] {
    return (endorsed?.getEndorsementsList() ?? []).map((endorsement) =>
        msp.SerializedIdentity.deserializeBinary(endorsement.getEndorser_asU8()).getMspid(),
    );
}
