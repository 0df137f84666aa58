import { blockHeader, dataHash } from '../../fabric/blocks';
import { common } from '@hyperledger/fabric-protos';
import type { SignerKind } from '../../testing/test-community';
import { transaction, type Group, type Scenario, type Setting, type SpoiledBlockStep } from '../scenario';

const SEATS = ['H1', 'H2', 'H3', 'DSO'];
const signers = ({ community }: Setting, ids: readonly string[], kind: SignerKind = 'orderer') =>
    ids.map((id) => community.signer(id, kind));

const spoiled = (name: string, fabric: string, spoil: SpoiledBlockStep['spoil']): Scenario => ({
    name,
    fabric: `${fabric} It asks another orderer, and a good block heals it.`,
    steps: [
        {
            kind: 'spoiled block',
            transactions: [transaction({ writes: { a: '1' } })],
            spoil,
            codes: ['VALID'],
        },
    ],
});

export const spoiledBlocks: Group = {
    title: 'Blocks that no peer takes',
    scenarios: [
        spoiled(
            'A block with the signatures of two seats of four',
            'They have not two thirds of the weight.',
            (setting) => (block, sign) => {
                sign(block, signers(setting, ['H3', 'DSO']));
            },
        ),
        spoiled(
            'A block with the same signature four times',
            'One certificate counts once.',
            (setting) => (block, sign) => {
                sign(block, signers(setting, ['H1', 'H1', 'H1', 'H1']));
            },
        ),
        spoiled('A block that nobody signed', 'Nobody answers for it.', () => (block, sign) => {
            sign(block, []);
        }),
        spoiled(
            'A block that members sign who are no orderers',
            'Peers do not sign blocks.',
            (setting) => (block, sign) => {
                sign(block, signers(setting, SEATS, 'peer'));
            },
        ),
        spoiled(
            'A block on another block than the last',
            'The previous hash is not that of its last block.',
            (setting) => (block, sign) => {
                blockHeader(block).setPreviousHash(Buffer.alloc(32, 1));
                sign(block, signers(setting, SEATS));
            },
        ),
        spoiled('A block with a changed transaction', 'The data hash is of other data.', () => (block) => {
            const data = block.getData() ?? new common.BlockData();
            data.setDataList(
                data.getDataList_asU8().map((each) => each.map((byte, at) => (at === 60 ? byte ^ 1 : byte))),
            );
        }),
        spoiled(
            'A block with an empty envelope',
            'An envelope has a payload and a signature.',
            (setting) => (block, sign) => {
                block.getData()?.setDataList([new Uint8Array()]);
                blockHeader(block).setDataHash(dataHash([]));
                sign(block, signers(setting, SEATS));
            },
        ),
        spoiled(
            'A block whose envelope is not what it is when it is written again',
            'What peers hash has to be what they read.',
            (setting) => (block, sign) => {
                const envelopes = (block.getData()?.getDataList_asU8() ?? []).map((each) =>
                    Buffer.concat([each, Buffer.from([0x12, 0x01, 0x61])]),
                );
                block.getData()?.setDataList(envelopes);
                blockHeader(block).setDataHash(dataHash(envelopes));
                sign(block, signers(setting, SEATS));
            },
        ),
    ],
};
