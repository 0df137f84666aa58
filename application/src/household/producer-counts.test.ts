import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { epochKey, roundKey } from '@commonwatt/chaincode/api/keys';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { stateKey } from '../gateway/chaincode-calls';
import type { ProducedBlock } from '../gateway/produced-blocks';
import { countedUntilClosing } from './producer-counts';

const EPOCH = '2025-04-16';
const CLOSES = {
    chaincode: 'governance',
    transaction: 'stake:closeEpoch',
    argument: encode({ epoch: EPOCH }),
    writes: { [stateKey(epochKey(EPOCH))]: '{}' },
};
const round = (slot: number, change: object = {}): string =>
    encode({ day: EPOCH, slot, status: 'cleared', replay: true, charterVersion: 2, mechanism: 'a test', ...change });
const clears = (slot: number) => ({
    chaincode: 'market',
    transaction: 'auction:clearRound',
    argument: encode({ slot }),
    writes: { [stateKey(roundKey(EPOCH, slot))]: round(slot) },
});
const CLEARS = clears(7);
/** Two of three seats decide; a later committee, which the rounds' day does not know, is H9MSP's. */
const CHARTER = {
    committees: [
        {
            fromSlot: 0,
            seats: ['DSOMSP', 'H1MSP', 'H3MSP'].map((mspId) => ({ mspId, weight: 1n })),
            quorum: { numerator: 1n, denominator: 2n },
            recorded: { version: 2, slot: 0 },
        },
        {
            fromSlot: 0,
            seats: [{ mspId: 'H9MSP', weight: 1n }],
            quorum: { numerator: 1n, denominator: 2n },
            recorded: { version: 3, slot: 0 },
        },
    ],
} as unknown as Charter;

interface Call {
    readonly chaincode: string;
    readonly transaction: string;
    readonly argument?: string;
    readonly by?: readonly string[];
    readonly code?: number;
    readonly writes?: Readonly<Record<string, string>>;
}

/** An envelope as a block has it, as far as anybody looks. */
function envelope({ chaincode, transaction, argument = '', by = [], writes = {} }: Call): Uint8Array {
    const input = new peer.ChaincodeInput();
    input.setArgsList([Buffer.from(transaction), Buffer.from(argument)]);
    const id = new peer.ChaincodeID();
    id.setName(chaincode);
    const spec = new peer.ChaincodeSpec();
    spec.setChaincodeId(id);
    spec.setInput(input);
    const invocation = new peer.ChaincodeInvocationSpec();
    invocation.setChaincodeSpec(spec);
    const proposal = new peer.ChaincodeProposalPayload();
    proposal.setInput(invocation.serializeBinary());
    const endorsed = new peer.ChaincodeEndorsedAction();
    endorsed.setEndorsementsList(by.map(endorsementOf));
    endorsed.setProposalResponsePayload(written(chaincode, writes));
    const payloadOfAction = new peer.ChaincodeActionPayload();
    payloadOfAction.setChaincodeProposalPayload(proposal.serializeBinary());
    payloadOfAction.setAction(endorsed);
    const action = new peer.TransactionAction();
    action.setPayload(payloadOfAction.serializeBinary());
    const of = new peer.Transaction();
    of.addActions(action);
    const channel = new common.ChannelHeader();
    channel.setType(common.HeaderType.ENDORSER_TRANSACTION);
    const header = new common.Header();
    header.setChannelHeader(channel.serializeBinary());
    const payload = new common.Payload();
    payload.setHeader(header);
    payload.setData(of.serializeBinary());
    const whole = new common.Envelope();
    whole.setPayload(payload.serializeBinary());
    return whole.serializeBinary();
}

function written(chaincode: string, writes: Readonly<Record<string, string>>): Uint8Array {
    const set = new ledger.rwset.kvrwset.KVRWSet();
    set.setWritesList(
        Object.entries(writes).map(([key, value]) => {
            const write = new ledger.rwset.kvrwset.KVWrite();
            write.setKey(key);
            write.setValue(Buffer.from(value));
            return write;
        }),
    );
    const namespace = new ledger.rwset.NsReadWriteSet();
    namespace.setNamespace(chaincode);
    namespace.setRwset(set.serializeBinary());
    const whole = new ledger.rwset.TxReadWriteSet();
    whole.setNsRwsetList([namespace]);
    const action = new peer.ChaincodeAction();
    action.setResults(whole.serializeBinary());
    const response = new peer.ProposalResponsePayload();
    response.setExtension$(action.serializeBinary());
    return response.serializeBinary();
}

function endorsementOf(mspId: string): peer.Endorsement {
    const identity = new msp.SerializedIdentity();
    identity.setMspid(mspId);
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(identity.serializeBinary());
    return endorsement;
}

function block(number: number, producer: string | undefined, ...calls: readonly Call[]): ProducedBlock {
    const data = new common.BlockData();
    data.setDataList(calls.map(envelope));
    const metadata = new common.BlockMetadata();
    metadata.setMetadataList([
        new Uint8Array(),
        new Uint8Array(),
        Uint8Array.from(calls.map(({ code = peer.TxValidationCode.VALID }) => code)),
    ]);
    const of = new common.Block();
    of.setData(data);
    of.setMetadata(metadata);
    const production = producer === undefined ? undefined : { height: number, producer };
    return { number, transactions: calls.length, production, isConfiguration: false, block: of };
}

function counts(...blocks: readonly ProducedBlock[]): ReturnType<typeof countedUntilClosing> {
    const feed = async function* (): AsyncGenerator<ProducedBlock> {
        for (const each of blocks) {
            yield await Promise.resolve(each);
        }
    };
    return countedUntilClosing(feed(), EPOCH, CHARTER);
}

const hashOf = (...producers: readonly string[]): string =>
    createHash('sha256').update(JSON.stringify(producers)).digest('hex');

describe('who produced which blocks and endorsed which clearings', () => {
    it('is counted up to the block that closed the epoch, and no further', async () => {
        const found = await counts(
            block(
                4,
                'H2MSP',
                { ...CLEARS, by: ['DSOMSP', 'H1MSP'] },
                { ...clears(8), by: ['H1MSP', 'H3MSP', 'H4MSP'] },
            ),
            block(5, 'H10MSP', { chaincode: 'market', transaction: 'auction:submitOrder' }),
            block(6, 'H2MSP', CLOSES),
            block(7, 'H1MSP', CLEARS),
        );
        expect(found).toEqual({
            from: 4,
            to: 6,
            blocksHash: hashOf('H2MSP', 'H10MSP', 'H2MSP'),
            producers: [
                { mspId: 'H10MSP', blocks: 1 },
                { mspId: 'H2MSP', blocks: 2 },
            ],
            cleared: 2,
            endorsed: [
                { mspId: 'DSOMSP', rounds: 1 },
                { mspId: 'H1MSP', rounds: 2 },
                { mspId: 'H3MSP', rounds: 1 },
            ],
        });
    });

    it.each<{ what: string; call: Partial<Call> }>([
        { what: 'is invalid', call: { code: peer.TxValidationCode.MVCC_READ_CONFLICT } },
        { what: "is another chaincode's", call: { chaincode: 'elsewhere' } },
        { what: 'only speaks of it', call: { transaction: 'auction:note', argument: 'auction:clearRound' } },
        { what: 'has its name and writes no round, as anybody can have it alone', call: { writes: {} } },
        { what: "writes another round's key", call: { writes: { [stateKey(roundKey(EPOCH, 8))]: round(7) } } },
        {
            what: 'writes a round that is not cleared',
            call: { writes: { [stateKey(roundKey(EPOCH, 7))]: round(7, { status: 'closed' }) } },
        },
        { what: 'writes what is no round', call: { writes: { [stateKey(roundKey(EPOCH, 7))]: 'cleared' } } },
        { what: 'no quorum of its committee has endorsed', call: { by: ['H1MSP', 'H2MSP', 'H4MSP'] } },
        { what: 'a committee has endorsed that is not the one of its day', call: { by: ['H9MSP'] } },
        {
            what: 'is of a time without a committee',
            call: { writes: { [stateKey(roundKey(EPOCH, 7))]: round(7, { charterVersion: 1 }) } },
        },
    ])('does not count a clearing that $what', async ({ call }) => {
        const forged = { ...CLEARS, by: ['H1MSP', 'H3MSP'], ...call };
        const found = await counts(block(1, 'H1MSP', forged), block(2, 'H1MSP', CLOSES));
        expect(found).toMatchObject({ cleared: 0, endorsed: [] });
    });

    it('counts a round once, for the seats that cleared it first', async () => {
        const again = { ...CLEARS, by: ['DSOMSP', 'H3MSP'] };
        const found = await counts(
            block(1, 'H1MSP', { ...CLEARS, by: ['H1MSP', 'H3MSP', 'H7MSP'] }, again),
            block(2, 'H1MSP', again, CLOSES),
        );
        expect(found).toMatchObject({
            cleared: 1,
            endorsed: [
                { mspId: 'H1MSP', rounds: 1 },
                { mspId: 'H3MSP', rounds: 1 },
            ],
        });
    });

    it('ends at no closing that writes no epoch', async () => {
        const forged = { ...CLOSES, writes: { [stateKey({ type: 'seedReveal', parts: [EPOCH, 'H1MSP'] })]: '{}' } };
        expect(await counts(block(1, 'H1MSP', forged), block(2, 'H1MSP', CLOSES))).toMatchObject({ to: 2 });
    });

    it('counts an endorser that signed twice once', async () => {
        const found = await counts(
            block(1, 'H1MSP', { ...CLEARS, by: ['H1MSP', 'H1MSP', 'H3MSP'] }),
            block(2, 'H1MSP', CLOSES),
        );
        expect(found?.endorsed).toEqual([
            { mspId: 'H1MSP', rounds: 1 },
            { mspId: 'H3MSP', rounds: 1 },
        ]);
    });

    it('counts blocks that name no producer for nobody', async () => {
        const found = await counts(block(1, undefined), block(2, 'H1MSP', CLOSES));
        expect(found).toMatchObject({ producers: [{ mspId: 'H1MSP', blocks: 1 }], blocksHash: hashOf('', 'H1MSP') });
    });

    it.each([
        { what: 'there are no blocks', blocks: [] },
        { what: 'another epoch is closed', blocks: [{ ...CLOSES, argument: encode({ epoch: '2025-04-15' }) }] },
        {
            what: 'the closing is invalid',
            blocks: [{ ...CLOSES, code: peer.TxValidationCode.ENDORSEMENT_POLICY_FAILURE }],
        },
    ])('is not known where $what', async ({ blocks }) => {
        expect(await counts(...blocks.map((call, at) => block(at, 'H1MSP', call)))).toBeUndefined();
    });
});
