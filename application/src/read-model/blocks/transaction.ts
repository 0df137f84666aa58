import { common, msp, peer } from '@hyperledger/fabric-protos';
import type { TransactionType } from '../rows';
import { moment, readable, readableText } from './readable';
import { decodeWrites, type DecodedWrite } from './writes';

/** One envelope of a block, by what everybody may read in it. */
export interface DecodedTransaction {
    readonly type: TransactionType;
    /** Empty where it names none. */
    readonly id: string;
    readonly channel: string;
    readonly at: number | undefined;
    readonly creator: string | undefined;
    readonly action: DecodedAction | undefined;
    readonly bytes: number;
}

/** What a client asked of a chaincode, and what its endorsers answered. */
export interface DecodedAction {
    readonly chaincode: string;
    readonly function: string;
    readonly arguments: readonly string[];
    /** MSP ids, sorted, each once. */
    readonly endorsers: readonly string[];
    readonly response: { readonly status: number; readonly payload: string };
    readonly writes: readonly DecodedWrite[];
    readonly event: { readonly name: string; readonly payload: string } | undefined;
}

const { HeaderType } = common;

/**
 * Never throws: members may hand in what they like, and what nobody can read is invalid and says so. The transient data of a proposal are not in
 * blocks, and where somebody puts them there they are not looked at.
 */
export function decodeEnvelope(bytes: Uint8Array): DecodedTransaction {
    const unreadable = { id: '', channel: '', at: undefined, creator: undefined, action: undefined };
    try {
        const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(bytes).getPayload_asU8());
        const channel = payload.getHeader()?.getChannelHeader_asU8();
        if (channel === undefined) {
            return { type: 'unreadable', ...unreadable, bytes: bytes.length };
        }
        const header = common.ChannelHeader.deserializeBinary(channel);
        const said = {
            id: idOf(header.getTxId()),
            channel: readableText(header.getChannelId()),
            at: moment(header.getTimestamp()),
            creator: creatorOf(payload),
            bytes: bytes.length,
        };
        if (header.getType() !== HeaderType.ENDORSER_TRANSACTION) {
            const type = header.getType() === HeaderType.CONFIG ? 'configuration' : 'other';
            return { type, ...said, action: undefined };
        }
        const action = actionIn(payload.getData_asU8());
        return { type: action === undefined ? 'unreadable' : 'transaction', ...said, action };
    } catch {
        return { type: 'unreadable', ...unreadable, bytes: bytes.length };
    }
}

/** Fabric's are 64 digits. Not every ordering service looks at them, and no index takes one without end. */
const LONGEST_ID = 128;

function idOf(text: string): string {
    return text.length <= LONGEST_ID ? readableText(text) : '';
}

function creatorOf(payload: common.Payload): string | undefined {
    const header = payload.getHeader()?.getSignatureHeader_asU8() ?? new Uint8Array();
    const creator = common.SignatureHeader.deserializeBinary(header).getCreator_asU8();
    return creator.length === 0 ? undefined : mspIdOf(creator);
}

function mspIdOf(identity: Uint8Array): string {
    return readableText(msp.SerializedIdentity.deserializeBinary(identity).getMspid());
}

/** Of the only action that Fabric's peers accept. */
function actionIn(data: Uint8Array): DecodedAction | undefined {
    try {
        const [first] = peer.Transaction.deserializeBinary(data).getActionsList();
        const payload = peer.ChaincodeActionPayload.deserializeBinary(present(first?.getPayload_asU8()));
        const endorsed = payload.getAction();
        const answer = peer.ProposalResponsePayload.deserializeBinary(
            present(endorsed?.getProposalResponsePayload_asU8()),
        );
        const endorsers = endorsed?.getEndorsementsList().map((each) => mspIdOf(each.getEndorser_asU8()));
        return {
            ...calledIn(payload.getChaincodeProposalPayload_asU8()),
            endorsers: [...new Set(endorsers)].sort(),
            ...answeredIn(answer.getExtension_asU8()),
        };
    } catch {
        return undefined;
    }
}

function present(bytes: Uint8Array | undefined): Uint8Array {
    return bytes ?? new Uint8Array();
}

function answeredIn(bytes: Uint8Array): Pick<DecodedAction, 'response' | 'writes' | 'event'> {
    const ran = peer.ChaincodeAction.deserializeBinary(bytes);
    const response = ran.getResponse();
    return {
        response: {
            status: response?.getStatus() ?? 0,
            payload: readable(present(response?.getPayload_asU8())),
        },
        writes: decodeWrites(ran.getResults_asU8()),
        event: eventIn(ran.getEvents_asU8()),
    };
}

function calledIn(bytes: Uint8Array): Pick<DecodedAction, 'chaincode' | 'function' | 'arguments'> {
    const proposal = peer.ChaincodeProposalPayload.deserializeBinary(bytes);
    const spec = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.getInput_asU8()).getChaincodeSpec();
    const [name = '', ...given] = spec?.getInput()?.getArgsList_asU8().map(readable) ?? [];
    return { chaincode: readableText(spec?.getChaincodeId()?.getName() ?? ''), function: name, arguments: given };
}

function eventIn(bytes: Uint8Array): DecodedAction['event'] {
    if (bytes.length === 0) {
        return undefined;
    }
    const event = peer.ChaincodeEvent.deserializeBinary(bytes);
    return { name: readableText(event.getEventName()), payload: readable(event.getPayload_asU8()) };
}
