import { beforeAll, afterAll, describe, expect, test } from '@jest/globals';
import { common, orderer } from '@hyperledger/fabric-protos';

import { Bundle } from '../../../fabric/channel-config';
import { TestCommunity } from '../../../testing/test-community';
import { GatewayFailure } from './gateway-error';
import { bftQuorum, submit, type Submission } from './submit';

let community: TestCommunity;
let bundle: Bundle;

beforeAll(async () => {
    community = await TestCommunity.create(4);
    bundle = Bundle.fromConfigBlock(community.genesis);
});

afterAll(() => {
    community.remove();
});

test.each([
    { orderers: 1, quorum: 1 },
    { orderers: 2, quorum: 2 },
    { orderers: 3, quorum: 2 },
    { orderers: 4, quorum: 3 },
    { orderers: 5, quorum: 4 },
    { orderers: 6, quorum: 4 },
    { orderers: 7, quorum: 5 },
])('of $orderers orderers $quorum have to acknowledge', ({ orderers, quorum }) => {
    expect(bftQuorum(orderers)).toBe(quorum);
});

type Answer = keyof common.StatusMap | 'unreachable';

/** Submits to four orderers that answer like this, in the order of the channel's endpoints. */
async function submitted(
    answers: readonly Answer[],
    mode: Submission,
    offset = 0,
): Promise<{ asked: number[]; outcome: string }> {
    const asked: number[] = [];
    const signed = new common.Envelope();
    signed.setPayload(Buffer.from('payload'));
    signed.setSignature(Buffer.from('signature'));
    const addresses = bundle.ordererEndpoints.map(({ host, port }) => `${host}:${port}`);
    const outcome = await submit(
        signed,
        bundle,
        ({ address }) => {
            const index = addresses.indexOf(address);
            asked.push(index);
            const answer = answers[index] ?? 'unreachable';
            if (answer === 'unreachable') return Promise.reject(new Error('connection refused'));
            const response = new orderer.BroadcastResponse();
            response.setStatus(common.Status[answer]);
            response.setInfo('because');
            return Promise.resolve(response);
        },
        { mode, offset },
    ).then(
        () => 'taken',
        (cause: unknown) => (cause instanceof GatewayFailure ? `${cause.code}: ${cause.message}` : String(cause)),
    );
    return { asked, outcome };
}

describe('to a quorum', () => {
    const mode = 'as the channel asks';

    test('a transaction goes to all orderers, and three acknowledgements of four suffice', async () => {
        expect(await submitted(['SUCCESS', 'unreachable', 'SUCCESS', 'SUCCESS'], mode)).toEqual({
            asked: [0, 1, 2, 3],
            outcome: 'taken',
        });
    });

    test('two do not', async () => {
        expect((await submitted(['SUCCESS', 'unreachable', 'BAD_REQUEST', 'SUCCESS'], mode)).outcome).toBe(
            '14: insufficient number of orderers could successfully process transaction to satisfy quorum requirement',
        );
    });
});

describe('to one', () => {
    const mode = 'to one';

    test('a transaction goes to the first, beginning where it is told', async () => {
        expect(await submitted(['SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS'], mode, 6)).toEqual({
            asked: [2],
            outcome: 'taken',
        });
    });

    test('and to the next where one is not there or not able', async () => {
        expect(await submitted(['unreachable', 'SERVICE_UNAVAILABLE', 'SUCCESS', 'SUCCESS'], mode)).toEqual({
            asked: [0, 1, 2],
            outcome: 'taken',
        });
    });

    test('but a refusal is final and says why', async () => {
        expect(await submitted(['BAD_REQUEST', 'SUCCESS', 'SUCCESS', 'SUCCESS'], mode)).toEqual({
            asked: [0],
            outcome: '10: received unsuccessful response from orderer: status=BAD_REQUEST, info=because',
        });
    });

    test('none of them there is UNAVAILABLE: unknown, not refused', async () => {
        expect((await submitted([], mode)).outcome).toBe('14: no orderers could successfully process transaction');
    });
});

test('a transaction has to be there and signed', async () => {
    const broadcast = (): Promise<orderer.BroadcastResponse> => Promise.reject(new Error('nobody is asked'));
    const options = { mode: 'to one', offset: 0 } as const;
    await expect(submit(undefined, bundle, broadcast, options)).rejects.toThrow('a prepared transaction is required');
    await expect(submit(new common.Envelope(), bundle, broadcast, options)).rejects.toThrow(
        'prepared transaction must be signed',
    );
});
