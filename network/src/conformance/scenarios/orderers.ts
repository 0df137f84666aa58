import { orderer } from '@hyperledger/fabric-protos';
import { parsePolicy, signaturePolicyEnvelope } from '../../fabric/policy';
import { by, changed, payloadOf } from '../alterations';
import { expiredClient, foreignClient, groupAt, updated, type Edit } from '../configuration';
import { broadcast, transaction, type Group } from '../scenario';

const GOVERNORS = ['DSO', 'H1', 'H2'];
const LARGE = 1_100_000;
const sound = transaction({ chaincode: 'nowhere', others: { nowhere: { reads: { a: undefined } } } });

const market =
    (text: string): Edit =>
    (channel) => {
        const bytes = signaturePolicyEnvelope(parsePolicy(text)).serializeBinary();
        groupAt(channel, 'Application').getPoliciesMap().get('Market')?.getPolicy()?.setValue(bytes);
    };

const batchTimeout: Edit = (channel) => {
    const value = new orderer.BatchTimeout();
    value.setTimeout('2s');
    groupAt(channel, 'Orderer').getValuesMap().get('BatchTimeout')?.setValue(value.serializeBinary());
};

export const orderers: Group = {
    title: 'Ordering',
    scenarios: [
        {
            name: 'An empty envelope is sent in',
            fabric: 'Cannot read a header.',
            steps: [broadcast(() => new Uint8Array(), 'BAD_REQUEST')],
        },
        {
            name: 'A payload that is no message is sent in',
            fabric: 'Cannot read a header.',
            steps: [broadcast(payloadOf(Buffer.from([0xff])), 'BAD_REQUEST')],
        },
        {
            name: 'A transaction for another channel is sent in',
            fabric: 'There is none: a bad request.',
            differs: 'Says NOT_FOUND, as deliver does; clients give up on both.',
            steps: [
                broadcast(
                    changed(({ channelHeader }) => {
                        channelHeader.setChannelId('other');
                    }),
                    'BAD_REQUEST',
                    undefined,
                    { status: 'NOT_FOUND' },
                ),
            ],
        },
        {
            name: 'A transaction with a wrong signature is sent in',
            fabric: 'Permission denied.',
            steps: [
                broadcast(async (setting) => {
                    const bytes = Buffer.from(await sound(setting));
                    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
                    return bytes;
                }, 'FORBIDDEN'),
            ],
        },
        {
            name: 'A transaction of a stranger is sent in',
            fabric: 'Permission denied.',
            steps: [
                broadcast(
                    by(({ community }) => foreignClient(community, 'H1')),
                    'FORBIDDEN',
                ),
            ],
        },
        {
            name: 'A transaction of a peer is sent in',
            fabric: 'Permission denied: peers are no writers.',
            steps: [
                broadcast(
                    by(({ community }) => community.signer('H1', 'peer')),
                    'FORBIDDEN',
                ),
            ],
        },
        {
            name: 'A transaction of an expired client is sent in',
            fabric: 'Refuses the certificate.',
            steps: [
                broadcast(
                    by(({ community }) => expiredClient(community, 'H1')),
                    'BAD_REQUEST',
                    'identity expired',
                ),
            ],
        },
        {
            name: 'An envelope that is too large is sent in',
            fabric: 'Names the limit of the channel.',
            steps: [broadcast(transaction({ writes: { a: 'x'.repeat(LARGE) } }), 'BAD_REQUEST', 'maximum')],
        },
        {
            name: 'An update that too few have signed is sent in',
            fabric: 'Refuses it: it would halt every peer.',
            steps: [broadcast(updated(market("OR('H1MSP.peer')"), ['DSO']), 'BAD_REQUEST')],
        },
        {
            name: 'An update that names a signer of another group is sent in',
            fabric: 'Wants the administrators whom the present configuration names.',
            steps: [broadcast(updated(batchTimeout, ['DSO', 'H2', 'H3']), 'BAD_REQUEST')],
        },
        {
            name: 'A key policy that is none is sent in',
            fabric: 'Orders it, and with it what halts every Fabric peer.',
            differs: 'Refused: one member may not stop all.',
            steps: [
                broadcast(
                    transaction({ writes: { k: '1' }, policies: { k: Buffer.from('0a', 'hex') } }),
                    'SUCCESS',
                    undefined,
                    { status: 'BAD_REQUEST' },
                ),
            ],
        },
        {
            name: 'An envelope with a field that nobody knows is sent in',
            fabric: 'Orders it.',
            differs: 'Refused: readers who drop such a field would hash other bytes.',
            steps: [
                broadcast(
                    async (setting) => Buffer.concat([await sound(setting), Buffer.from([0x18, 0x01])]),
                    'SUCCESS',
                    undefined,
                    {
                        status: 'BAD_REQUEST',
                    },
                ),
            ],
        },
        {
            name: 'A transaction without a header is sent in',
            fabric: 'Refuses it, as its peers would panic.',
            steps: [broadcast(payloadOf(Buffer.from([0x12, 0x01, 0x61])), 'BAD_REQUEST')],
        },
        {
            name: 'A transaction that holds none is sent in',
            fabric: 'Orders it: what is inside is the business of peers, who would wait for ever.',
            differs: 'Refused: one member may not stop all.',
            steps: [
                broadcast(
                    changed(({ payload }) => {
                        payload.setData(Buffer.from([0xff]));
                    }),
                    'SUCCESS',
                    undefined,
                    { status: 'BAD_REQUEST' },
                ),
            ],
        },
        {
            name: 'A private write to a collection that is not defined is sent in',
            fabric: 'Orders it, and its peers panic.',
            differs: 'Refused: one member may not stop all.',
            steps: [
                broadcast(
                    transaction({
                        collections: [
                            {
                                name: 'nowhere',
                                hashedReads: [],
                                hashedWrites: [
                                    {
                                        keyHash: Buffer.alloc(32),
                                        isDelete: false,
                                        valueHash: Buffer.alloc(32),
                                        isPurge: false,
                                    },
                                ],
                                hashedMetadataWrites: [],
                                pvtRwSetHash: Buffer.alloc(32),
                            },
                        ],
                    }),
                    'SUCCESS',
                    undefined,
                    { status: 'BAD_REQUEST' },
                ),
            ],
        },
        {
            name: 'A sound update is sent in',
            fabric: 'Orders the configuration that it leads to.',
            steps: [broadcast(updated(market("AND('DSOMSP.peer', 'H1MSP.peer')"), GOVERNORS), 'SUCCESS')],
        },
    ],
};
