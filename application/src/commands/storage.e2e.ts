import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request as httpRequest } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { organisation, type Storage } from '@commonwatt/network/topology/topology';
import { contractsOfDay, householdAgent, operatorAgent } from '../community/trade';
import { sampleDay } from '../data/sample';
import { command, output, startCommand, type Running } from '../testing/command';
import { testNetwork, type TestNetwork } from '../testing/network';

const FIRST_PORT = 8_300;
/** Of the right form: who it is of the chaincode checks, not the service. */
const SIGNATURE = Buffer.alloc(70, 1).toString('base64');
const HOMES = ['H1', 'H2', 'H3', 'H4', 'H5'];
const STORAGE: Storage = {
    home: 'H4',
    capacityWh: 10_000,
    chargeW: 3_600,
    dischargeW: 3_600,
    chargePpm: 960_000,
    dischargePpm: 960_000,
    credibility: 'broadcast',
    feeMicrosPerKwh: 5_000,
};

interface State {
    readonly attestedWh: string;
    readonly releasableWh: string;
    readonly promisedWh: string;
    readonly givenWh: string;
    readonly chargeWh: string;
    readonly contracts: readonly { readonly id: string; readonly status: string; readonly deliveredWh: string }[];
}

describe("the storage system's operator", () => {
    let network: TestNetwork;
    let day: string;
    const running: Running[] = [];
    const at = (...args: readonly string[]): string[] => [
        'storage',
        ...args,
        '--day',
        day,
        '--home',
        network.members.layout.home,
    ];
    const stateAfter = async (...args: readonly string[]): Promise<State> =>
        JSON.parse(await output(...at(...args, '--json'))) as State;

    beforeAll(async () => {
        network = await testNetwork(HOMES.length, FIRST_PORT, {}, STORAGE);
        const { members, charter } = network;
        const metered = sampleDay(HOMES.map((home) => ({ home, consumes: true, generates: true, peakW: 4_000 })));
        ({ day } = metered);
        await operatorAgent(members, charter).openDay(day, true, 'H2MSP');
        const wanted = { charter, metered, progress: { report: () => undefined } };
        // Who buys is covered on the day of delivery.
        for (const member of members.households) {
            expect(await householdAgent(members, member, wanted).cover()).toBe(true);
        }
        const contracts = contractsOfDay(members, wanted);
        const agreed = await contracts.agree();
        expect(contracts.refused).toEqual([]);
        expect(agreed.purchases.map(({ status }) => status)).toEqual(['bought', 'bought']);
    }, 300_000);
    afterAll(async () => {
        running.forEach((service) => service.process.kill('SIGKILL'));
        network.members.close();
        await network.stop();
    }, 300_000);

    it('sees what lies in it, for whom, and what is promised', async () => {
        const state = await stateAfter('show');
        const sold = state.contracts.reduce((sum, { deliveredWh }) => sum + BigInt(deliveredWh), 0n);
        expect(state).toMatchObject({ promisedWh: String(sold), givenWh: '0', chargeWh: state.releasableWh });
        expect(BigInt(state.releasableWh)).toBeLessThan(BigInt(state.attestedWh));
        expect(await output(...at('show'))).toMatch(/H4 holds 10.000 kWh[^]*promised[^]*s1 .*bought[^]*s2 .*bought/);
    }, 300_000);

    it('releases and confirms by hand, one or all, and gives back what it did not', async () => {
        expect((await stateAfter('release', '--id', 's1')).contracts).toMatchObject([
            { id: 's1', status: 'released' },
            { id: 's2', status: 'bought' },
        ]);
        const confirmed = await stateAfter('confirm');
        const given = confirmed.contracts.find(({ id }) => id === 's1')?.deliveredWh ?? '';
        expect(confirmed).toMatchObject({ givenWh: given });
        expect(BigInt(confirmed.chargeWh)).toBe(BigInt(confirmed.releasableWh) - BigInt(given));
        expect(await command(...at('confirm'))).toMatchObject({ exitCode: 3 });
        expect(await command(...at('refund'))).toMatchObject({ exitCode: 2 });
        expect((await stateAfter('refund', '--id', 's2')).contracts).toMatchObject([
            { status: 'confirmed' },
            { id: 's2', status: 'refunded' },
        ]);
    }, 300_000);

    it("answers its own peer by what the storage's controller has", async () => {
        const { layout, topology } = network.members;
        const lots = join(layout.home, 'lots.json');
        const lot = { prosumer: 'H1MSP', slot: 700, id: 'x1', energyWh: 100, releasableWh: 92 };
        writeFileSync(lots, JSON.stringify([lot]));
        const service = startCommand(...at('serve', '--stored', lots));
        running.push(service);
        await service.said('the storage of H4 answers');
        const socket = join(layout.organisation(organisation(topology, 'H4')).attestation.directory, 'storage.sock');
        const said = {
            ...{ key: `attestation/${day}/0000000700/x1`, storage: 'H4MSP', prosumer: 'H1MSP', slot: '700', id: 'x1' },
            ...{ energyWh: '100', signature: SIGNATURE, prosumerSignature: SIGNATURE },
        };
        expect(await asked(socket, [said])).toMatchObject({ attested: true });
        writeFileSync(lots, '[]');
        expect(await asked(socket, [said])).toMatchObject({ attested: false });
        service.process.kill('SIGTERM');
        expect(await service.ended).toMatchObject({ exitCode: 0 });
    }, 300_000);
});

/** As a chaincode service asks. */
function asked(socketPath: string, attestations: readonly object[]): Promise<unknown> {
    const question = {
        version: '1',
        chaincode: 'market',
        question: 'whether it took that in',
        time: '1760000000',
        transaction: 'contracts:attest',
        transactionId: 'ab'.repeat(32),
        channel: 'community',
        caller: 'H4MSP',
        argument: { attestations },
        response: null,
    };
    return new Promise((resolve, reject) => {
        const sent = httpRequest({ socketPath, method: 'POST', path: '/' }, (answer) => {
            let text = '';
            answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
            answer.on('end', () => {
                resolve(JSON.parse(text));
            });
        });
        sent.on('error', reject);
        sent.end(JSON.stringify(question));
    });
}
