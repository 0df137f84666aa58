import { common, peer } from '@hyperledger/fabric-protos';
import { by } from '../alterations';
import { expiredClient, foreignClient } from '../configuration';
import { block, call, kept, query, simulate, type Group } from '../scenario';

const GET = ['get', 'id-a'];
const HOUR_MS = 3_600_000;

function withOtherSignature(signed: peer.SignedProposal): peer.SignedProposal {
    const signature = Buffer.from(signed.getSignature_asU8());
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    signed.setSignature(signature);
    return signed;
}

export const identities: Group = {
    title: 'Signers and times',
    scenarios: [
        {
            name: 'An expired client proposes',
            fabric: 'Endorsers turn expired certificates away.',
            steps: [
                call(async ({ community }) => ({ args: GET, signer: await expiredClient(community, 'H1') }), {
                    refused: 'UNKNOWN',
                    message: 'proposal client identity expired',
                }),
            ],
        },
        {
            name: 'A transaction of an expired client in a block',
            fabric: 'Counts: validation has no clock.',
            steps: [block([by(({ community }) => expiredClient(community, 'H1'))], 'VALID')],
        },
        {
            name: 'A client whom another authority of the same name has certified',
            fabric: 'Belongs to nobody.',
            steps: [
                call(async ({ community }) => ({ args: GET, signer: await foreignClient(community, 'H1') }), {
                    refused: 'UNKNOWN',
                    message: 'access denied',
                }),
                block([by(({ community }) => foreignClient(community, 'H1'))], 'BAD_CREATOR_SIGNATURE'),
            ],
        },
        {
            name: 'A proposal with a wrong signature',
            fabric: 'Access denied.',
            steps: [call({ args: GET, altered: withOtherSignature }, { refused: 'UNKNOWN', message: 'access denied' })],
        },
        {
            name: 'A proposal whose clock is an hour ahead or behind',
            fabric: 'Is outside the window of time.',
            steps: [
                call({ args: GET, aheadMs: HOUR_MS }, { refused: 'UNKNOWN', message: 'incorrect timestamp' }),
                call({ args: GET, aheadMs: -HOUR_MS }, { refused: 'UNKNOWN', message: 'incorrect timestamp' }),
            ],
        },
        {
            name: 'A proposal for a channel that is not there',
            fabric: 'Says so.',
            steps: [call({ args: GET, channel: 'other' }, { status: 500, message: "channel 'other' not found" })],
        },
        {
            name: 'A proposal of another member',
            fabric: 'Clients and administrators of all organisations may propose here; peers may not.',
            steps: [
                call({ args: ['creator'], client: 'H2' }, { status: 200, payload: 'H2MSP' }),
                call({ args: ['creator'], client: 'DSO', as: 'admin' }, { status: 200, payload: 'DSOMSP' }),
                call(
                    { args: ['creator'], as: 'peer' },
                    { refused: 'UNKNOWN', message: 'with policy [/Channel/Application/Writers]' },
                ),
            ],
        },
        {
            name: 'A proposal whose transaction is committed already',
            fabric: 'The id is used up.',
            steps: [
                simulate('once', { args: ['put', 'id-b', '1'], nonce: Buffer.alloc(24, 77) }),
                block([kept('once')], 'VALID'),
                call(
                    { args: ['put', 'id-b', '1'], nonce: Buffer.alloc(24, 77) },
                    { refused: 'UNKNOWN', message: 'duplicate transaction found' },
                ),
            ],
        },
        {
            name: 'A proposal that is no message, and one without anything in it',
            fabric: 'Says what cannot be read.',
            steps: [
                call(
                    {
                        args: GET,
                        altered: () => {
                            const signed = new peer.SignedProposal();
                            signed.setProposalBytes(Buffer.from([0xff]));
                            return signed;
                        },
                    },
                    { refused: 'UNKNOWN', message: '' },
                ),
                call({ args: GET, altered: () => new peer.SignedProposal() }, { refused: 'UNKNOWN', message: '' }),
            ],
        },
        {
            name: 'Information about the channel, a block, a transaction, to clients',
            fabric: 'Readers of the channel may ask.',
            steps: [
                call({ chaincode: 'qscc', args: ['GetChainInfo', 'community'] }),
                call({ chaincode: 'qscc', args: ['GetBlockByNumber', 'community', '1'] }),
                call(
                    { chaincode: 'qscc', args: ['GetTransactionByID', 'community', 'nothing'] },
                    { status: 500, message: 'no such transaction ID [nothing] in index' },
                ),
                call(
                    { chaincode: 'qscc', args: ['GetBlockByNumber', 'community', '99999'] },
                    { status: 500, message: 'Failed to get block number 99999' },
                ),
                call({ chaincode: 'qscc', args: ['Nothing', 'community'] }, { status: 500, message: 'Nothing' }),
                call({ chaincode: 'cscc', args: ['GetChannels'], channel: '', as: 'admin' }),
                call({ chaincode: 'cscc', args: ['GetConfigBlock', 'community'] }),
                query({ chaincode: 'cscc', args: ['GetChannelConfig', 'community'] }, common.Config),
            ],
        },
    ],
};
