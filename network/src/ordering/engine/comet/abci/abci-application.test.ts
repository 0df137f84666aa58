import { beforeEach, describe, expect, test } from '@jest/globals';
import { CheckTxType, Request, type Response } from 'cosmjs-types/tendermint/abci/types';
import type { DeepPartial } from 'cosmjs-types/helpers';
import type { Seat } from '../../engine';
import { MessagePool } from '../message-pool';
import { engineAddress } from '../seats';
import { RecordingApp, text } from '../testing/recording-app';
import { AbciApplication } from './abci-application';

const seat = (number: number, power: bigint): Seat => ({
    id: `seat${number}`,
    power,
    engineKey: new Uint8Array(32).fill(number),
});
const SEATS = [seat(1, 3n), seat(2, 2n)];
const message = (content: string): Uint8Array => Uint8Array.from(Buffer.from(content));
const addressOf = (number: number): Uint8Array => Buffer.from(engineAddress(new Uint8Array(32).fill(number)), 'hex');

describe('the calls of ABCI on an ordering application', () => {
    let app: RecordingApp;
    let pool: MessagePool;
    let abci: AbciApplication;
    let told: string[];

    beforeEach(() => {
        app = new RecordingApp(SEATS);
        pool = new MessagePool();
        told = [];
        abci = new AbciApplication({
            app,
            pool,
            onFreshEngine: () => told.push('fresh'),
            onDecided: ({ height }) => told.push(`decided ${height}`),
            onRefused: (proposer, height, why) => told.push(`refused ${proposer} ${height}: ${why}`),
            onDropped: (dropped) => told.push(`dropped ${text(dropped)}`),
            admits: (nodeId) => nodeId === 'known',
        });
    });

    const ask = (request: DeepPartial<Request>): Promise<Response> =>
        abci.answer(Request.decode(Request.encode(Request.fromPartial<DeepPartial<Request>>(request)).finish()));
    const check = async (content: string, type = CheckTxType.NEW): Promise<number | undefined> =>
        (await ask({ checkTx: { tx: message(content), type } })).checkTx?.code;
    const block = (height: number, by: number, ...messages: string[]) => ({
        height: BigInt(height),
        proposerAddress: addressOf(by),
        txs: messages.map(message),
    });
    async function decide(height: number, ...messages: string[]): Promise<Response['finalizeBlock']> {
        const { finalizeBlock } = await ask({ finalizeBlock: block(height, 1, ...messages) });
        await ask({ commit: {} });
        return finalizeBlock;
    }

    test('a message is taken while it waits, however often it comes, and no more once it is ordered', async () => {
        expect([await check('one'), await check('one'), await check('one', CheckTxType.RECHECK)]).toEqual([0, 0, 0]);
        expect(await check('refused by itself')).toBe(1);
        expect(pool.size).toBe(1);
        await decide(1, 'one');
        expect([await check('one'), await check('one', CheckTxType.RECHECK)]).toEqual([1, 1]);
        expect(pool.size).toBe(0);
    });

    test('a height is told by number, producer and messages, an empty one too, and is kept before the next', async () => {
        expect((await decide(1))?.txResults).toEqual([]);
        expect((await decide(2, 'one', 'two'))?.txResults.map(({ code }) => code)).toEqual([0, 0]);
        expect(app.blocks.map(({ proposer, messages }) => [proposer, ...messages.map(text)])).toEqual([
            ['seat1'],
            ['seat1', 'one', 'two'],
        ]);
        expect(told).toEqual(['decided 1', 'decided 2']);
        expect((await ask({ info: {} })).info?.lastBlockHeight).toBe(2n);
    });

    test('an engine that repeats what was not committed is answered again, with the same', async () => {
        const once = await ask({ finalizeBlock: block(1, 1, 'powers 5,2') });
        await ask({ info: {} });
        expect(await ask({ finalizeBlock: block(1, 1, 'powers 5,2') })).toEqual(once);
        expect(once.finalizeBlock?.validatorUpdates).toHaveLength(1);
        expect(once.finalizeBlock?.validatorUpdates[0]).toMatchObject({ power: 5n });
    });

    test.each([
        { what: 'a height that does not follow', of: block(3, 1), why: 'do not belong together' },
        { what: 'a producer without a seat', of: block(1, 9), why: 'who has no seat' },
    ])('$what, decided, is no state to go on from', async ({ of, why }) => {
        await expect(ask({ finalizeBlock: of })).rejects.toThrow(why);
        await expect(ask({ commit: {} })).rejects.toThrow('has not finalized');
    });

    test('a proposal that may not be ordered is refused, and it is said whose it was', async () => {
        const status = async (of: ReturnType<typeof block>): Promise<number | undefined> =>
            (await ask({ processProposal: of })).processProposal?.status;
        expect(await status(block(1, 2, 'sound'))).toBe(1);
        expect(await status(block(1, 2, 'refused'))).toBe(2);
        expect(await status(block(1, 9, 'sound'))).toBe(2);
        expect(told).toEqual([
            'refused seat2 1: it may not be ordered',
            `refused ${Buffer.from(addressOf(9)).toString('hex')} 1: it has no seat`,
        ]);
    });

    test('a proposal is what waits, without what may not be ordered any more', async () => {
        await decide(1, 'old');
        const { prepareProposal } = await ask({ prepareProposal: { txs: [message('old'), message('new')] } });
        expect(prepareProposal?.txs.map(text)).toEqual(['new']);
    });

    test('the engine begins with the seats of the channel, or not at all', async () => {
        const validators = (powers: bigint[]) =>
            powers.map((power, at) => ({ pubKey: { ed25519: new Uint8Array(32).fill(at + 1) }, power }));
        expect((await ask({ initChain: { validators: validators([3n, 2n]) } })).initChain?.validators).toEqual([]);
        for (const other of [[3n], [3n, 3n], [3n, 2n, 1n]]) {
            await expect(ask({ initChain: { validators: validators(other) } })).rejects.toThrow(
                'other seats or powers',
            );
        }
    });

    test.each([
        { path: '/p2p/filter/id/known', code: 0 },
        { path: '/p2p/filter/id/stranger', code: 1 },
        { path: '/p2p/filter/addr/127.0.0.1:5', code: 0 },
        { path: '/store', code: 1 },
    ])('asked about $path it answers $code', async ({ path, code }) => {
        expect((await ask({ query: { path } })).query?.code).toBe(code);
    });

    test('there are no snapshots and no vote extensions', async () => {
        expect((await ask({ listSnapshots: {} })).listSnapshots?.snapshots).toEqual([]);
        expect((await ask({ offerSnapshot: {} })).offerSnapshot?.result).toBe(2);
        expect((await ask({ loadSnapshotChunk: {} })).loadSnapshotChunk?.chunk).toEqual(new Uint8Array());
        expect((await ask({ applySnapshotChunk: {} })).applySnapshotChunk?.result).toBe(2);
        expect((await ask({ extendVote: {} })).extendVote?.voteExtension).toEqual(new Uint8Array());
        const extension = { verifyVoteExtension: { voteExtension: new Uint8Array(1) } };
        expect((await ask(extension)).verifyVoteExtension?.status).toBe(2);
        expect(await ask({ flush: {} })).toEqual({ flush: {} });
        await expect(abci.answer({})).rejects.toThrow('does not know');
    });
});
