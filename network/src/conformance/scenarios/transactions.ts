import { common, peer } from '@hyperledger/fabric-protos';
import { encodeRwSet } from '../../fabric/rwset';
import { rwset } from '../../testing/rwsets';
import { changed, chaincodeEvent, payloadOf, rehash, tampered } from '../alterations';
import { block, transaction, type CodeName, type Group, type MadeEnvelope, type Scenario } from '../scenario';

const write = transaction({ writes: { a: '1' } });
/** A peer that turns a transaction down before its endorsements are looked at never tells those that wait for its keys. */
const WAITS_FOR_EVER = 'never finishes a block in which another transaction follows';

interface Row {
    readonly name: string;
    readonly fabric: string;
    readonly envelope: MadeEnvelope;
    readonly code: CodeName;
    readonly notNative?: string;
}

/** Alone in its block, and the next block goes on as ever. */
const alone = ({ envelope, code, ...row }: Row): Scenario => ({
    ...row,
    steps: [block([envelope], code), block([write], 'VALID')],
});

const rows: readonly Row[] = [
    {
        name: 'A transaction as it should be is valid',
        fabric: 'Commits its writes.',
        envelope: write,
        code: 'VALID',
    },
    {
        name: 'An envelope whose payload cannot be read',
        fabric: 'Marks it; the block goes on.',
        envelope: payloadOf(Buffer.from([0xff])),
        code: 'BAD_PAYLOAD',
    },
    {
        name: 'A payload without a header',
        fabric: 'Dereferences a null pointer: the process ends, and again after each restart.',
        envelope: payloadOf(Buffer.from([0x12, 0x01, 0x61])),
        code: 'BAD_COMMON_HEADER',
        notNative: 'panics',
    },
    {
        name: 'A transaction of an unknown type',
        fabric: 'Refuses the header.',
        envelope: changed(({ channelHeader }) => {
            channelHeader.setType(7);
        }),
        code: 'BAD_COMMON_HEADER',
    },
    {
        name: 'A transaction of another epoch',
        fabric: 'Knows only epoch 0.',
        envelope: changed(({ channelHeader }) => {
            channelHeader.setEpoch(1);
        }),
        code: 'BAD_COMMON_HEADER',
    },
    {
        name: 'A transaction without nonce',
        fabric: 'Refuses the header.',
        envelope: changed(({ signatureHeader }) => {
            signatureHeader.setNonce('');
        }),
        code: 'BAD_COMMON_HEADER',
    },
    {
        name: 'A transaction without creator',
        fabric: 'Refuses the header.',
        envelope: changed(({ signatureHeader }) => {
            signatureHeader.setCreator('');
        }),
        code: 'BAD_COMMON_HEADER',
    },
    {
        name: 'A transaction of another channel',
        fabric: 'Has no such channel whose members it could ask.',
        envelope: changed(({ channelHeader }) => {
            channelHeader.setChannelId('other');
        }),
        code: 'BAD_CREATOR_SIGNATURE',
    },
    {
        name: 'A transaction whose signature is wrong by one bit',
        fabric: 'Refuses the signature.',
        envelope: async (setting) => {
            const envelope = Buffer.from(await write(setting));
            envelope[envelope.length - 1] = (envelope.at(-1) ?? 0) ^ 1;
            return envelope;
        },
        code: 'BAD_CREATOR_SIGNATURE',
    },
    {
        name: 'A transaction of an identity that nobody issued',
        fabric: 'Finds no member behind it.',
        envelope: changed(({ signatureHeader }) => {
            signatureHeader.setCreator(Buffer.from('nobody'));
        }),
        code: 'BAD_CREATOR_SIGNATURE',
    },
    {
        name: 'A configuration update in the place of a transaction',
        fabric: 'Does not take updates from blocks, only the configurations they lead to.',
        envelope: changed(({ channelHeader }) => {
            channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
        }),
        code: 'UNSUPPORTED_TX_PAYLOAD',
    },
    {
        name: 'A transaction with an id of its own choice',
        fabric: 'The id is the hash of nonce and creator.',
        envelope: changed(({ channelHeader }) => {
            channelHeader.setTxId('mine');
        }),
        code: 'BAD_PROPOSAL_TXID',
    },
    {
        name: 'A payload that holds no transaction',
        fabric: 'Marks it; a transaction after it in the same block would wait for ever.',
        envelope: changed(({ payload }) => {
            payload.setData(Buffer.from([0xff]));
        }),
        code: 'INVALID_ENDORSER_TRANSACTION',
    },
    {
        name: 'A transaction with two actions',
        fabric: 'Takes one action per transaction.',
        envelope: changed(({ payload }) => {
            const whole = peer.Transaction.deserializeBinary(payload.getData_asU8());
            whole.setActionsList([...whole.getActionsList(), ...whole.getActionsList()]);
            payload.setData(whole.serializeBinary());
        }),
        code: 'INVALID_ENDORSER_TRANSACTION',
    },
    {
        name: 'A transaction endorsed for another proposal',
        fabric: 'Recomputes the hash of the proposal.',
        envelope: tampered(({ response }) => {
            response.setProposalHash(Buffer.alloc(32));
        }),
        code: 'INVALID_ENDORSER_TRANSACTION',
    },
    {
        name: 'A transaction that names no chaincode',
        fabric: 'Cannot say whose policy applies.',
        envelope: changed((parts) => {
            parts.channelHeader.setExtension$('');
            rehash(parts);
        }),
        code: 'INVALID_OTHER_REASON',
    },
    {
        name: 'A header extension that cannot be read',
        fabric: 'Cannot say whose policy applies.',
        envelope: changed((parts) => {
            parts.channelHeader.setExtension$(Buffer.from([0xff]));
            rehash(parts);
        }),
        code: 'BAD_HEADER_EXTENSION',
    },
    {
        name: 'A transaction without actions',
        fabric: 'Takes one action per transaction.',
        envelope: changed(({ payload }) => {
            payload.setData('');
        }),
        code: 'INVALID_ENDORSER_TRANSACTION',
    },
    {
        name: 'A response whose status was changed after it was endorsed',
        fabric: 'The status is among the bytes that endorsers sign.',
        envelope: tampered(({ action }) => {
            action.getResponse()?.setStatus(500);
        }),
        code: 'ENDORSEMENT_POLICY_FAILURE',
    },
    {
        name: 'A transaction of another version than the definition has',
        fabric: 'Does not compare versions any more.',
        envelope: transaction({ writes: { a: '1' }, version: '9' }),
        code: 'VALID',
    },
    {
        name: 'An endorsed payload without results of a chaincode',
        fabric: 'Refuses the payload.',
        envelope: tampered(({ response }) => {
            response.setExtension$('');
        }),
        code: 'BAD_RESPONSE_PAYLOAD',
    },
    {
        name: 'A read-write set that cannot be read',
        fabric: 'Refuses the set.',
        envelope: tampered(({ action }) => {
            action.setResults(Buffer.from([0x12, 0xff]));
        }),
        code: 'BAD_RWSET',
    },
    {
        name: 'A transaction that ran another chaincode than was asked for',
        fabric: 'Header and action must name the same one.',
        envelope: transaction({ writes: { a: '1' }, ranChaincode: 'market' }),
        code: 'INVALID_CHAINCODE',
    },
    {
        name: 'A transaction that does not say which version ran',
        fabric: 'Wants a version, whichever it is.',
        envelope: transaction({ writes: { a: '1' }, version: '' }),
        code: 'INVALID_CHAINCODE',
    },
    {
        name: 'A transaction of a chaincode that is not defined',
        fabric: 'Finds no definition.',
        envelope: transaction({ chaincode: 'nowhere', others: { nowhere: { writes: { a: '1' } } } }),
        code: 'INVALID_CHAINCODE',
    },
    {
        name: 'An event of another chaincode',
        fabric: 'A chaincode speaks for itself only.',
        envelope: transaction({ writes: { a: '1' }, event: chaincodeEvent('other') }),
        code: 'INVALID_OTHER_REASON',
    },
    {
        name: 'One namespace twice in a read-write set',
        fabric: 'Refuses the set: the two might contradict each other.',
        envelope: tampered(({ action }) => {
            const once = action.getResults_asU8();
            action.setResults(Buffer.concat([once, once]));
        }),
        code: 'ILLEGAL_WRITESET',
    },
    {
        name: 'A write to the channel configuration',
        fabric: 'No chaincode is called that.',
        envelope: transaction({ writes: { a: '1' }, others: { '': { writes: { CHANNEL_CONFIG_ENV_BYTES: 'x' } } } }),
        code: 'INVALID_CHAINCODE',
    },
    {
        name: 'A write to the namespace of a system chaincode',
        fabric: 'Nothing is defined under that name.',
        envelope: transaction({ writes: { a: '1' }, others: { lscc: { writes: { market: 'x' } } } }),
        code: 'INVALID_CHAINCODE',
    },
    {
        name: 'Results changed after they were endorsed',
        fabric: 'The endorsements are of other bytes.',
        envelope: tampered(
            ({ action }) => {
                action.setResults(encodeRwSet(rwset({ market: { writes: { a: '1000' } } })));
            },
            { chaincode: 'market', others: { market: { writes: { a: '1' } } } },
        ),
        code: 'ENDORSEMENT_POLICY_FAILURE',
    },
    {
        name: 'An envelope with a field that nobody knows',
        fabric: 'Hashes the bytes as they are, so a field more changes nothing for it; our ordering refuses it all the same.',
        envelope: async (setting) => Buffer.concat([await write(setting), Buffer.from([0x18, 0x01])]),
        code: 'VALID',
    },
    {
        name: 'A transaction of one megabyte',
        fabric: 'Has no limit of its own: the ordering service has.',
        envelope: transaction({ writes: { a: 'x'.repeat(1_000_000) } }),
        code: 'VALID',
    },
];

const NONCE = (fill: number): Uint8Array => Buffer.alloc(24, fill);

const others: readonly Scenario[] = [
    {
        name: 'A configuration without content among transactions',
        fabric: 'Marks it; the block goes on.',
        steps: [
            block(
                [
                    write,
                    changed(({ channelHeader, payload }) => {
                        channelHeader.setType(common.HeaderType.CONFIG);
                        payload.setData('');
                    }),
                ],
                'VALID',
                'INVALID_CONFIG_TRANSACTION',
            ),
        ],
    },
];

const duplicates: readonly Scenario[] = [
    {
        name: 'Twice the same id in one block: the first valid one counts',
        fabric: 'An invalid transaction does not use its id up within its block.',
        steps: [
            block(
                [
                    transaction({ writes: { a: '0' }, endorsers: ['H1'], nonce: NONCE(1) }),
                    transaction({ writes: { a: '1' }, nonce: NONCE(1) }),
                    transaction({ writes: { a: '2' }, nonce: NONCE(1) }),
                ],
                'ENDORSEMENT_POLICY_FAILURE',
                'VALID',
                'DUPLICATE_TXID',
            ),
        ],
    },
    {
        name: 'The same id in a later block',
        fabric: 'Any committed transaction uses its id up, also an invalid one.',
        steps: [
            block(
                [transaction({ writes: { a: '1' }, endorsers: ['H1'], nonce: NONCE(2) })],
                'ENDORSEMENT_POLICY_FAILURE',
            ),
            block([transaction({ writes: { a: '2' }, nonce: NONCE(2) })], 'DUPLICATE_TXID'),
        ],
    },
    {
        name: 'The same envelope in two blocks',
        fabric: 'The copy is a duplicate.',
        steps: [
            block([transaction({ writes: { a: '1' } }, 'once')], 'VALID'),
            block([(setting) => setting.kept('once')], 'DUPLICATE_TXID'),
        ],
    },
    {
        name: 'A malformed transaction before a sound one of the same block',
        fabric: `Validation ${WAITS_FOR_EVER} and writes.`,
        notNative: WAITS_FOR_EVER,
        steps: [
            block(
                [
                    changed(({ payload }) => {
                        payload.setData(Buffer.from([0xff]));
                    }),
                    write,
                ],
                'INVALID_ENDORSER_TRANSACTION',
                'VALID',
            ),
        ],
    },
    {
        name: 'An action without endorsed part',
        fabric: 'Dereferences a null pointer: the process ends, and again after each restart.',
        notNative: 'panics',
        steps: [
            block(
                [
                    changed(({ payload }) => {
                        const whole = peer.Transaction.deserializeBinary(payload.getData_asU8());
                        const [action = new peer.TransactionAction()] = whole.getActionsList();
                        const inner = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
                        inner.clearAction();
                        action.setPayload(inner.serializeBinary());
                        payload.setData(whole.serializeBinary());
                    }),
                ],
                'INVALID_ENDORSER_TRANSACTION',
            ),
        ],
    },
];

export const transactions: Group = {
    title: 'Envelopes and transactions',
    scenarios: [...rows.map(alone), ...others, ...duplicates],
};
