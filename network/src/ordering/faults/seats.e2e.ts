import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { blockSignatureSet, headerHash } from '../../fabric/blocks';
import { Bundle } from '../../fabric/channel-config';
import { headerOf } from '../app/block-header';
import { producerOf } from '../app/producer';
import { installedComet } from '../engine/comet/testing/installed-comet';
import type { OrderingCommunity } from '../testing/community';
import { startedSeats, type SeatProcesses } from '../testing/seat-processes';

// Shared machines are slow at times.
jest.setTimeout(300_000);

const PORT = 17_000;
const SEATS = ['H1', 'H2', 'H3', 'H4'];
const program = installedComet();
const described = program === undefined ? describe.skip : describe;

described('four seats, each a process with its engine', () => {
    let community: OrderingCommunity;
    let seats: SeatProcesses;

    beforeAll(async () => {
        ({ community, seats } = await startedSeats(program, PORT, 20));
    });

    afterAll(async () => {
        await seats.stop();
        community.remove();
    });

    test('serve the same chain, each block signed as the channel asks', async () => {
        const sent = Array.from({ length: 40 }, () => community.transaction());
        for (const [at, envelope] of sent.entries()) {
            const answers = await seats.client(SEATS[at % 4] ?? 'H1').broadcast(envelope);
            expect(answers).toEqual([{ status: 'SUCCESS', info: '' }]);
        }
        const chains = await Promise.all(SEATS.map((id) => chainOf(id, sent.length)));
        const [first = []] = chains;
        expect(chains).toEqual(SEATS.map(() => first));
    });

    /** All blocks with so many messages, each judged as a peer does. */
    async function chainOf(id: string, messages: number): Promise<string[]> {
        const bundle = Bundle.fromConfigBlock(community.genesis());
        const found: string[] = [];
        let ordered = 0;
        for (let number = 1; ordered < messages; number += 1) {
            const { blocks } = await seats.client(id).deliver(community.client('H1'), { from: number, to: number });
            for (const block of blocks) {
                const signed = blockSignatureSet(block, bundle.consenters);
                expect(bundle.policies.get('/Channel/Orderer/BlockValidation').evaluate(signed)).toBe(true);
                ordered += block.getData()?.getDataList().length ?? 0;
                const hash = Buffer.from(headerHash(headerOf(block))).toString('hex');
                found.push(`${producerOf(block).height} ${producerOf(block).producer} ${hash}`);
            }
        }
        return found;
    }
});
